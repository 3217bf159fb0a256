import type { ResultEvidence } from '../evidence/result-evidence.ts';
import type { FoundRun } from '../export/find-run.ts';
import type { Extraction } from '../extraction/definition.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';
import type { RejectEntry } from '../store/entries.ts';
import { collectTexts } from './item-texts.ts';
import type { ReviewItem } from './review-item.ts';
import type { RunItems } from './run-items.ts';
import type { RunLabels } from './run-labels.ts';
import { typesOf } from './value-types.ts';

/** What the definition tells of the results. */
export interface Derived {
  evidenceOf?: ResultEvidence | undefined;
  schema?: JsonObject | undefined;
}

export interface ItemContext extends Derived {
  run: FoundRun;
  items: RunItems;
  labels: RunLabels;
  extraction: Extraction | undefined;
}

/**
 * Puts together what is shown of a record.
 *
 * @throws {GleanerError} when there is no such record
 */
export async function readItem(
  at: number,
  { run, items, labels: runLabels, extraction, evidenceOf, schema }: ItemContext,
): Promise<ReviewItem> {
  items.demand(at);
  const entry = items.entryAt(at);
  const isRejected = items.isRejected(at);
  const id = typeof entry['id'] === 'string' ? entry['id'] : null;
  // A row whose id stands on a result, too, has no labels of its own.
  const canBeLabelled = id !== null && items.placeOf(id) === at;
  const labels = canBeLabelled ? runLabels.of(id) : [];
  const labelled = isRejected && !canBeLabelled ? null : runLabels.labelled(at, entry, labels);
  const record = items.recordAt(at, entry);
  const fields = typeof record === 'object' && record !== null ? record : undefined;
  const { error, answer, repaired, coerced, confidence } = entry;
  return {
    at,
    id,
    index: items.table.indexOf(at),
    status: isRejected ? 'rejected' : 'extracted',
    data: entry['data'] ?? null,
    labelled,
    canBeLabelled,
    ...defined({ answer, repaired, coerced, confidence }),
    ...(error === undefined ? {} : { error: error as unknown as RejectEntry['error'] }),
    record,
    ...(await collectTexts(extraction, fields, run)),
    evidence:
      fields === undefined || evidenceOf === undefined || labelled === null
        ? []
        : evidenceOf({ data: labelled, ...(isRejected ? {} : defined({ answer })) }, { fields }),
    labels,
    isReviewed: labels.some(({ path }) => path === ''),
    types: typesOf(schema, labelled),
  };
}

/** The members that have a value. */
function defined(members: Readonly<Record<string, JsonValue | undefined>>): Record<string, JsonValue> {
  const given = Object.entries(members).filter((member): member is [string, JsonValue] => member[1] !== undefined);
  return Object.fromEntries(given);
}
