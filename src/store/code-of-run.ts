import type { JsonValue } from '../json/value.ts';
import type { Manifest } from './manifest.ts';

/** Begins what a run says of its code that was begun before runs said so. */
const FORMER = 'former ';

/**
 * Whether a run was begun before results kept what the model answered: of such a line nobody can tell whether its data is the answer or what
 * a transform made of it.
 */
export function isOfFormerCode({ identity }: Pick<Manifest, 'identity'>): boolean {
  const { code } = identity;
  return code === undefined || (typeof code === 'string' && code.startsWith(FORMER));
}

/** The identity of a run that is continued: one from before runs said what code they are of takes up today's, and stays known as such. */
export function adoptCode(previous: Manifest, identity: Manifest['identity']): Manifest['identity'] {
  return isOfFormerCode(previous) ? { ...identity, code: `${FORMER}${String(identity['code'])}` } : identity;
}

/** What a run that does not say what code it is of counts as: the code of today, as every run of that time did. */
export function withCode(before: Manifest['identity'], code: JsonValue | undefined): Manifest['identity'] {
  return before['code'] === undefined && code !== undefined ? { ...before, code } : before;
}
