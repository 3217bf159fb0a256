import { GleanerError } from '../gleaner-error.ts';
import { compileFilter } from './item-filter.ts';
import type { ItemSummary } from './review-item.ts';
import type { RunItems } from './run-items.ts';

/** More than these a search does not find. */
export const MAX_FOUND = 2000;

/**
 * The records that a filter and a search leave, in input order.
 *
 * @throws {GleanerError} when there is no such filter
 */
export function findPlaces(
  items: RunItems,
  fields: readonly string[],
  { filter, search }: { filter: string; search: string },
): number[] {
  const { table, codes } = items;
  const test = compileFilter(filter, table, { codes, fields });
  if (test === undefined)
    throw new GleanerError('usage', `Cannot filter by ${JSON.stringify(filter)}: there is no such filter`);
  const wanted = search.trim().toLowerCase();
  const places: number[] = [];
  for (let at = 0; at < table.count; at += 1) {
    if (!test(at) || (wanted !== '' && !items.holds(at, wanted))) continue;
    places.push(at);
    if (wanted !== '' && places.length >= MAX_FOUND) break;
  }
  return places;
}

/** A record as it stands in the list. */
export function summarizeItem(items: RunItems, at: number): ItemSummary {
  const { table, codes } = items;
  const { id } = items.entryAt(at);
  return {
    at,
    id: typeof id === 'string' ? id : null,
    index: table.indexOf(at),
    isReviewed: table.has(at, 'reviewed'),
    hasLabels: table.has(at, 'labelled'),
    hasNoEvidence: table.has(at, 'noEvidence'),
    ...(table.has(at, 'rejected') ? { code: codes[table.codeOf(at)] ?? '' } : {}),
  };
}
