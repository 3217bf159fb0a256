import { eachChildSchema } from './child-schemas.ts';
import { isJsonObject, type JsonValue } from '../../json/value.ts';

/** The dialects told apart: they differ in what stands beside `$ref`, and in how tuples are written. */
export type Draft = '7' | '2019-09' | '2020-12';

const MODERN_KEYWORDS = ['$defs', '$anchor', '$dynamicRef', '$recursiveRef', 'dependentSchemas', 'dependentRequired'];
const MORE_MODERN_KEYWORDS = ['prefixItems', 'unevaluatedProperties', 'unevaluatedItems', 'minContains', 'maxContains'];
const OLD_KEYWORDS = ['definitions', 'dependencies', 'additionalItems'];

/**
 * The dialect of a schema: what its `$schema` names, else the given default, else what its keywords give away, else the
 * newest. Drafts 4 and 6 are read as draft 7, whose keywords include theirs.
 */
export function draftOf(schema: JsonValue, given?: Draft): Draft {
  const named = isJsonObject(schema) && typeof schema['$schema'] === 'string' ? schema['$schema'] : '';
  if (/draft-0[34567]/.test(named)) return '7';
  if (named.includes('2019-09')) return '2019-09';
  if (named.includes('2020-12')) return '2020-12';
  if (given !== undefined) return given;
  const keywords = new Set<string>();
  let hasItemsList = false;
  // Names of properties and values of enum are no keywords, whatever they are called.
  const pending: JsonValue[] = [schema];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (!isJsonObject(value)) continue;
    if (Array.isArray(value['items'])) hasItemsList = true;
    for (const keyword of Object.keys(value)) keywords.add(keyword);
    eachChildSchema(value, (child) => pending.push(child));
  }
  if (keywords.has('prefixItems')) return '2020-12';
  const isModern = [...MODERN_KEYWORDS, ...MORE_MODERN_KEYWORDS].some((keyword) => keywords.has(keyword));
  if (isModern) return hasItemsList ? '2019-09' : '2020-12';
  return hasItemsList || OLD_KEYWORDS.some((keyword) => keywords.has(keyword)) ? '7' : '2020-12';
}
