import type { Evidence } from '../evidence/evidence.ts';
import type { JsonValue } from '../json/value.ts';
import type { RecordFields } from '../records/record.ts';
import type { RejectEntry } from '../store/entries.ts';
import type { ItemTexts } from './item-texts.ts';
import type { Label } from './label.ts';

/** A record as a reviewer sees it. */
export interface ReviewItem {
  at: number;
  id: string | null;
  index: number;
  status: 'extracted' | 'rejected';
  /** What is in the results, without labels; null for a reject. */
  data: JsonValue;
  /** The same with labels; of a reject, what it is labelled from: a draft by the schema, with what could be taken of the answer. */
  labelled: JsonValue;
  /** False where the record has no id of its own, which a label would be found by. */
  canBeLabelled: boolean;
  error?: RejectEntry['error'];
  /** The model's answer, where it is another than the data. */
  answer?: JsonValue;
  record: RecordFields | string | null;
  texts: ItemTexts['texts'];
  media: ItemTexts['media'];
  evidence: readonly Evidence[];
  labels: readonly Label[];
  isReviewed: boolean;
  repaired?: JsonValue;
  coerced?: JsonValue;
  confidence?: JsonValue;
  /** The types that the schema gives each value, by path. */
  types: Record<string, readonly string[]>;
}

/** The same in the list. */
export interface ItemSummary {
  at: number;
  id: string | null;
  index: number;
  /** The reject code, for a reject. */
  code?: string;
  isReviewed: boolean;
  hasLabels: boolean;
  hasNoEvidence: boolean;
}
