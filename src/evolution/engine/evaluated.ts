import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import type { Formula } from './formula.ts';
import type { Reading } from './read/reading.ts';

/** A schema that evaluates parts of the documents that satisfy its condition. */
export interface EvaluatingSchema {
  readonly schema: JsonObject;
  readonly condition: Formula;
}

/**
 * The schemas that apply to the same place as one that asks what is left unevaluated, itself the first: those of `allOf`
 * and references always, those of `anyOf`, `oneOf`, `if` and the like where they hold. Undefined when a reference leads
 * nowhere.
 */
export function evaluatingSchemas(schema: JsonObject, reading: Reading): EvaluatingSchema[] | undefined {
  const found: EvaluatingSchema[] = [];
  return collect(schema, reading.store.true, reading, new Set(), found) ? found : undefined;
}

/** Adds what applies; false when a reference leads nowhere. */
function collect(
  schema: JsonValue,
  condition: Formula,
  reading: Reading,
  outer: ReadonlySet<JsonValue>,
  found: EvaluatingSchema[],
): boolean {
  // What leads back to itself in the same place evaluates nothing that it does not evaluate already.
  if (!isJsonObject(schema) || outer.has(schema) || condition.kind === 'false') return true;
  found.push({ schema, condition });
  const inside = new Set([...outer, schema]);
  return applicable(schema, reading).every(
    ({ target, when }) =>
      target !== undefined && collect(target, reading.store.and([condition, ...when]), reading, inside, found),
  );
}

function applicable(
  schema: JsonObject,
  reading: Reading,
): { readonly target: JsonValue | undefined; readonly when: readonly Formula[] }[] {
  const { document, store } = reading;
  const { allOf, anyOf, oneOf, if: condition, then, else: otherwise } = schema;
  const listed = (members: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(members) ? members : []);
  const result: { target: JsonValue | undefined; when: readonly Formula[] }[] = [];
  for (const keyword of ['$ref', '$dynamicRef', '$recursiveRef'] as const) {
    const reference = schema[keyword];
    if (typeof reference !== 'string') continue;
    const resolve = keyword === '$ref' ? 'resolve' : 'resolveDynamic';
    result.push({ target: document[resolve](reference, schema), when: [] });
  }
  for (const member of listed(allOf)) result.push({ target: member, when: [] });
  for (const member of [...listed(anyOf), ...listed(oneOf)])
    result.push({ target: member, when: [reading.formulaOf(member)] });
  for (const keyword of ['dependentSchemas', 'dependencies']) {
    const entries = schema[keyword];
    for (const [name, member] of isJsonObject(entries) ? Object.entries(entries) : []) {
      const names = store.name(name);
      const isThere = store.literal({ type: 'object', kind: 'someProperty', names, formula: store.true });
      if (isJsonObject(member)) result.push({ target: member, when: [isThere] });
    }
  }
  if (condition === undefined) return result;
  const holds = reading.formulaOf(condition);
  result.push({ target: condition, when: [holds] });
  if (then !== undefined) result.push({ target: then, when: [holds] });
  if (otherwise !== undefined) result.push({ target: otherwise, when: [store.not(holds)] });
  return result;
}
