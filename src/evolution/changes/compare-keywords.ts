import type { JsonObject, JsonValue } from '../../json/value.ts';
import { compareApplicators } from './compare-applicators.ts';
import { compareItems } from './compare-items.ts';
import { compareProperties } from './compare-properties.ts';
import { compareAlternatives } from './compare-unions.ts';
import { compareTypes, compareValues } from './compare-values.ts';
import { inside, type Place, type Walk } from './walk.ts';

const ANNOTATIONS = {
  title: 'title-changed',
  description: 'description-changed',
  examples: 'examples-changed',
  default: 'default-changed',
} as const;

const LIMITS = {
  minimum: ['minimum', 'raised'],
  exclusiveMinimum: ['exclusive-minimum', 'raised'],
  minLength: ['min-length', 'raised'],
  minItems: ['min-items', 'raised'],
  minProperties: ['min-properties', 'raised'],
  maximum: ['maximum', 'lowered'],
  exclusiveMaximum: ['exclusive-maximum', 'lowered'],
  maxLength: ['max-length', 'lowered'],
  maxItems: ['max-items', 'lowered'],
  maxProperties: ['max-properties', 'lowered'],
} as const;

const PRESENCES = { multipleOf: 'multiple-of', pattern: 'pattern', format: 'format' } as const;

export function compareAnnotations(walk: Walk, before: JsonObject, after: JsonObject, place: Place): void {
  for (const [keyword, rule] of Object.entries(ANNOTATIONS)) {
    if (!walk.isSame(before[keyword], after[keyword]))
      walk.note(rule, inside(place, keyword), before[keyword], after[keyword]);
  }
}

/** Compares what two schemas say, keyword by keyword. */
export function compareKeywords(walk: Walk, before: JsonObject, after: JsonObject, place: Place): void {
  walk.spend(Object.keys(before).length + Object.keys(after).length);
  if (!compareTypes(walk, before, after, place)) return;
  compareValues(walk, before, after, place);
  compareLimits(walk, before, after, place);
  for (const [keyword, name] of Object.entries(PRESENCES)) {
    const [left, right] = [before[keyword], after[keyword]];
    if (walk.isSame(left, right)) continue;
    const change = left === undefined ? 'added' : right === undefined ? 'removed' : 'changed';
    walk.note(`${name}-${change}`, inside(place, keyword), left, right);
  }
  const wasUnique = before['uniqueItems'] === true;
  if (wasUnique !== (after['uniqueItems'] === true))
    walk.note(wasUnique ? 'unique-items-removed' : 'unique-items-added', inside(place, 'uniqueItems'));
  compareProperties(walk, before, after, place);
  compareItems(walk, before, after, place);
  compareAlternatives(walk, before, after, place);
  compareApplicators(walk, before, after, place);
}

function compareLimits(walk: Walk, before: JsonObject, after: JsonObject, place: Place): void {
  for (const [keyword, [name, narrowing]] of Object.entries(LIMITS)) {
    const left: JsonValue | undefined = before[keyword];
    const right: JsonValue | undefined = after[keyword];
    if (walk.isSame(left, right)) continue;
    const here = inside(place, keyword);
    if (left === undefined) walk.note(`${name}-added`, here, left, right);
    else if (right === undefined) walk.note(`${name}-removed`, here, left, right);
    else if (typeof left !== 'number' || typeof right !== 'number') walk.note('keyword-changed', here, left, right);
    else {
      const direction = right > left ? 'raised' : 'lowered';
      walk.note(`${name}-${direction}`, here, left, right, direction === narrowing ? ['backward'] : ['forward']);
    }
  }
}
