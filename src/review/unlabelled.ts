import { valueAt } from '../json/at-pointer.ts';
import { isSameJson } from '../json/same-json.ts';
import type { JsonValue } from '../json/value.ts';
import type { ResultEntry } from '../store/entries.ts';
import { applyLabels } from './label.ts';

type LabelledEntry = Pick<ResultEntry, 'data' | 'answer' | 'labels' | 'unlabelled'>;

/**
 * What a result was before labels were applied to it.
 *
 * Where the schema had made something else of the answer, `unlabelled` says so. Elsewhere it is the answer; but lines of earlier versions may have had an
 * answer of their own and no `unlabelled`, which shows where data and answer differ in places that nobody labelled.
 */
export function unlabelledData({ data, answer, labels, unlabelled }: LabelledEntry): JsonValue {
  if (labels === undefined) return data;
  if (unlabelled !== undefined) return unlabelled;
  if (answer === undefined) return data;
  // A place may be gone by a later label of what is above it.
  const said = labels.flatMap(({ path }) => {
    const value = valueAt(data, path);
    return value === undefined ? [] : [{ path, value }];
  });
  return isSameJson(applyLabels(answer, said), data) ? answer : data;
}

/** An entry as it was before labels were applied to it. */
export function withoutLabels(entry: ResultEntry): ResultEntry {
  if (entry.labels === undefined) return entry;
  const { labels: _labels, unlabelled: _unlabelled, answer, ...rest } = entry;
  const data = unlabelledData(entry);
  // The answer says more than data only where the schema has made something else of it.
  return { ...rest, data, ...(answer === undefined || isSameJson(answer, data) ? {} : { answer }) };
}
