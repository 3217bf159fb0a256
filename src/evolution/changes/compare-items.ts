import type { JsonObject, JsonValue } from '../../json/value.ts';
import type { Draft } from '../engine/draft.ts';
import { BOTH, inside, type Place, type Walk } from './walk.ts';

/** Compares what the items of arrays may be: those of a fixed list, and the rest. */
export function compareItems(walk: Walk, before: JsonObject, after: JsonObject, place: Place): void {
  const left = itemsOf(before, walk.oldDraft);
  const right = itemsOf(after, walk.newDraft);
  for (let index = 0; index < Math.max(left.prefix.length, right.prefix.length); index += 1) {
    const was = left.prefix[index];
    const is = right.prefix[index];
    const [keyword, rule] =
      is === undefined
        ? ([left.prefixKeyword, 'tuple-item-removed'] as const)
        : ([right.prefixKeyword, 'tuple-item-added'] as const);
    const here = inside(place, keyword, String(index));
    if (was !== undefined && is !== undefined) walk.compare(was, is, here);
    else walk.note(rule, here, was, is);
  }
  const here = inside(place, right.rest === undefined ? left.restKeyword : right.restKeyword);
  const affects = walk.isSeeing ? BOTH : undefined;
  if (left.rest === undefined && right.rest !== undefined)
    walk.note('items-added', here, undefined, right.rest, affects);
  else if (left.rest !== undefined && right.rest === undefined)
    walk.note('items-removed', here, left.rest, undefined, affects);
  else if (left.rest !== undefined && right.rest !== undefined) walk.compare(left.rest, right.rest, here);
}

interface Items {
  readonly prefix: readonly JsonValue[];
  readonly prefixKeyword: string;
  readonly rest: JsonValue | undefined;
  readonly restKeyword: string;
}

function itemsOf(schema: JsonObject, draft: Draft): Items {
  const { items, prefixItems, additionalItems } = schema;
  if (Array.isArray(items))
    return { prefix: items, prefixKeyword: 'items', rest: additionalItems, restKeyword: 'additionalItems' };
  const prefix: readonly JsonValue[] = draft === '2020-12' && Array.isArray(prefixItems) ? prefixItems : [];
  return { prefix, prefixKeyword: 'prefixItems', rest: items, restKeyword: 'items' };
}
