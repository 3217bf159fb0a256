import type { JsonObject, JsonValue } from '../../json/value.ts';
import { inside, type Place, type Walk } from './walk.ts';

/** Compares `type`; false where the types have nothing in common, so that nothing else is worth comparing. */
export function compareTypes(walk: Walk, before: JsonObject, after: JsonObject, place: Place): boolean {
  const left = before['type'];
  const right = after['type'];
  if (walk.isSame(left, right)) return true;
  const isNarrower = allows(left, right);
  const isWider = allows(right, left);
  if (isNarrower && isWider) return true;
  const rule = isNarrower ? 'type-narrowed' : isWider ? 'type-widened' : 'type-changed';
  walk.note(rule, inside(place, 'type'), left, right);
  return rule !== 'type-changed';
}

/** Compares `const` and `enum`, which both list values. */
export function compareValues(walk: Walk, before: JsonObject, after: JsonObject, place: Place): void {
  if ([before, after].some((schema) => schema['const'] !== undefined && schema['enum'] !== undefined)) {
    for (const keyword of ['const', 'enum']) {
      if (!walk.isSame(before[keyword], after[keyword]))
        walk.note('keyword-changed', inside(place, keyword), before[keyword], after[keyword]);
    }
    return;
  }
  const left = listedValues(before);
  const right = listedValues(after);
  const here = inside(place, after['const'] !== undefined ? 'const' : 'enum');
  if (left === undefined && right === undefined) {
    if (!walk.isSame(before['enum'], after['enum'])) walk.note('keyword-changed', here, before['enum'], after['enum']);
  } else if (left === undefined) walk.note('enum-added', here, undefined, [...(right ?? [])]);
  else if (right === undefined)
    walk.note('enum-removed', inside(place, before['const'] !== undefined ? 'const' : 'enum'), [...left]);
  else {
    const leftTexts = new Set(left.map((value) => walk.textOf(value)));
    const rightTexts = new Set(right.map((value) => walk.textOf(value)));
    for (const value of left) if (!rightTexts.has(walk.textOf(value))) walk.note('enum-value-removed', here, value);
    for (const value of right)
      if (!leftTexts.has(walk.textOf(value))) walk.note('enum-value-added', here, undefined, value);
  }
}

export function listedValues(schema: JsonObject): readonly JsonValue[] | undefined {
  const { const: only, enum: members } = schema;
  if (only !== undefined) return [only];
  return Array.isArray(members) ? members : undefined;
}

/** Whether every document of the second `type` is of the first. */
function allows(wide: JsonValue | undefined, narrow: JsonValue | undefined): boolean {
  if (wide === undefined) return true;
  if (narrow === undefined) return false;
  const wideTypes: readonly JsonValue[] = Array.isArray(wide) ? wide : [wide];
  const narrowTypes: readonly JsonValue[] = Array.isArray(narrow) ? narrow : [narrow];
  return narrowTypes.every((type) => wideTypes.includes(type) || (type === 'integer' && wideTypes.includes('number')));
}
