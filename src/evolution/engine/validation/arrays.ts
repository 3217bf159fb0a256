import type { JsonObject, JsonValue } from '../../../json/value.ts';
import type { Application } from './application.ts';
import { ACCEPTED, CannotValidate, count, merge, NONE, refused, type Verdict } from './verdict.ts';

export function validateArray(
  within: Application,
  schema: JsonObject,
  value: readonly JsonValue[],
  at: string,
): Verdict {
  const { minItems, maxItems, items, prefixItems, additionalItems, uniqueItems } = schema;
  const verdicts: Verdict[] = [];
  if (minItems !== undefined && value.length < count('minItems', minItems)) {
    verdicts.push(refused(at, 'minItems', `must have at least ${count('minItems', minItems)} items`));
  }
  if (maxItems !== undefined && value.length > count('maxItems', maxItems)) {
    verdicts.push(refused(at, 'maxItems', `must have at most ${count('maxItems', maxItems)} items`));
  }
  const isList = Array.isArray(items);
  const listed = isList ? items : within.draft === '2020-12' ? prefixItems : undefined;
  if (listed !== undefined && !Array.isArray(listed)) throw new CannotValidate('prefixItems');
  const prefix: readonly JsonValue[] = listed ?? [];
  const rest = isList ? additionalItems : items;
  for (const [index, item] of value.entries()) {
    const itemSchema = index < prefix.length ? prefix[index] : rest;
    if (itemSchema === undefined) continue;
    verdicts.push({
      violations: within.apply(itemSchema, item, `${at}/${index}`).violations,
      evaluated: within.isSeeing ? new Set([index]) : NONE,
    });
  }
  if (uniqueItems === true && new Set(value.map((item) => within.textOf(item))).size < value.length) {
    verdicts.push(refused(at, 'uniqueItems', 'must not repeat an item'));
  }
  if (schema['contains'] !== undefined) verdicts.push(contained(within, schema, schema['contains'], value, at));
  return merge(verdicts);
}

function contained(
  within: Application,
  schema: JsonObject,
  contains: JsonValue,
  value: readonly JsonValue[],
  at: string,
): Verdict {
  const isCounted = within.draft !== '7';
  const min = isCounted && schema['minContains'] !== undefined ? count('minContains', schema['minContains']) : 1;
  const max = isCounted && schema['maxContains'] !== undefined ? count('maxContains', schema['maxContains']) : Infinity;
  const found = [...value.keys()].filter((index) => {
    const item = value[index];
    return item !== undefined && within.apply(contains, item, `${at}/${index}`).violations.length === 0;
  });
  const evaluated = within.draft === '2020-12' && within.isSeeing ? new Set(found) : NONE;
  if (found.length >= min && found.length <= max) return { violations: [], evaluated };
  return { ...refused(at, found.length < min ? 'contains' : 'maxContains', 'must contain fitting items'), evaluated };
}

export function validateUnevaluatedItems(
  within: Application,
  schema: JsonObject,
  value: readonly JsonValue[],
  at: string,
  seen: ReadonlySet<string | number>,
): Verdict {
  const inner = schema['unevaluatedItems'];
  if (inner === undefined) return ACCEPTED;
  return merge(
    value.flatMap((item, index) =>
      seen.has(index)
        ? []
        : [{ violations: within.apply(inner, item, `${at}/${index}`).violations, evaluated: new Set([index]) }],
    ),
  );
}
