import { isObject, zodDefinition } from './walk.ts';

/**
 * Lists the words that `z.stringbool()` takes; undefined for anything else. They stand in a closure, so a text that cannot be
 * one of them is parsed: the refusal names them.
 */
export function stringboolWords(schema: object): string[] | undefined {
  const { in: inside, out: outside, transform } = zodDefinition(schema);
  if (!isObject(inside) || !isObject(outside)) return undefined;
  const isFromText = zodDefinition(inside)['type'] === 'string' && zodDefinition(outside)['type'] === 'boolean';
  const middle = transform ?? zodDefinition(inside)['transform'];
  if (!isFromText || !('_zod' in schema) || !isObject(schema._zod)) return undefined;
  const run = schema._zod['run'];
  if (typeof run !== 'function' || (middle !== undefined && typeof middle !== 'function')) return undefined;
  try {
    const payload: unknown = run.call(schema._zod, { value: '\u0000', issues: [] }, { async: false });
    const issues = isObject(payload) ? payload['issues'] : undefined;
    const [issue] = Array.isArray(issues) ? (issues as unknown[]) : [];
    if (!isObject(issue) || issue['expected'] !== 'stringbool' || !Array.isArray(issue['values'])) return undefined;
    return issue['values'].filter((word): word is string => typeof word === 'string');
  } catch {
    // A transform of the user's that such a text makes throw.
    return undefined;
  }
}
