import { plainName } from '../text/plain-text.ts';
import { readCompletion, type Completion } from './response.ts';

/**
 * Reads each choice of an answer that has several (`n` in the request) as an answer of its own. What was billed is told with the first:
 * the service reports it for all of them together.
 */
export function readChoices(
  completion: Completion,
  { thoughtTagMarker }: { thoughtTagMarker?: string | undefined } = {},
): Completion[] {
  const { raw, hasBrokenText } = completion;
  const choices = raw['choices'];
  if (!Array.isArray(choices) || choices.length < 2) return [completion];
  const options = { thoughtTagMarker, cleanName: (name: string) => plainName(name) };
  const others = choices.slice(1).map((choice) => readCompletion({ ...raw, choices: [choice] }, options));
  return [
    completion,
    ...others
      .filter((other) => other !== undefined)
      .map((other) => ({
        ...other,
        usage: undefined,
        ...(hasBrokenText === undefined ? {} : { hasBrokenText }),
      })),
  ];
}
