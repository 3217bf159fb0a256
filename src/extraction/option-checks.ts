import { GleanerError } from '../gleaner-error.ts';
import { nearestName } from '../text/nearest-name.ts';

/** A value's type in words, without its contents. */
export function kindOfValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return `a ${typeof value}`;
}

/** @throws {GleanerError} for the first key that is not an option, with the one that is likely meant */
export function refuseUnknownKeys(subject: string, options: object, known: readonly string[], prefix: string): void {
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, known);
  const hint = nearest === undefined ? `known options are ${known.join(', ')}` : `did you mean "${prefix}${nearest}"?`;
  throw new GleanerError(
    'definition-invalid',
    `Cannot define ${subject}: unknown option "${prefix}${unknown}"; ${hint}`,
  );
}
