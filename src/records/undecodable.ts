import { GleanerError } from '../gleaner-error.ts';

/**
 * The end of an input that is in another encoding. It ends there, since the rows that happen to hold ASCII only would be paid for,
 * and the others would have to be read again.
 */
export function undecodable(inputName: string, line: number): GleanerError {
  return new GleanerError('input-unreadable', `Cannot read ${inputName}: line ${line} is not valid UTF-8`, {
    facts: { advice: 'encoding', line },
  });
}
