/**
 * How a value was found in the text:
 * - `exact`: as it is;
 * - `normalized`: its letters and digits, in this order, with other signs or capitals between them;
 * - `value`: a number or a date that is written otherwise there;
 * - `ambiguous`: a date that can be read as this one, and as another;
 * - `fuzzy`: at least three quarters of its words, in this order and close together;
 * - `none`: nowhere.
 */
export type EvidenceMatch = 'exact' | 'normalized' | 'value' | 'ambiguous' | 'fuzzy' | 'none';

/** Where one value of a result stands in the text of its record. */
export interface Evidence {
  /** JSON pointer into the result's data, such as `/items/0/price`. */
  path: string;
  /**
   * UTF-16 offsets: `text.slice(start, end)`, of the record's field that `field` names, else of the user message. Null where nothing
   * was found.
   */
  start: number | null;
  end: number | null;
  match: EvidenceMatch;
  /** How often it stands there; the one that is told was chosen among so many. */
  occurrences: number;
  /** The record's field in whose text the value stands; absent for the user message, and where nothing was found. */
  field?: string;
}

/** A line of evidence.jsonl: the evidence for one result. */
export interface EvidenceEntry {
  id: string;
  evidence: readonly Evidence[];
}

/** A text that a record was asked with. */
export interface RecordText {
  /** The field that holds it; undefined for the user message. */
  field: string | undefined;
  text: string;
}

/** One place where a value stands. */
export interface Occurrence {
  start: number;
  end: number;
  match: Exclude<EvidenceMatch, 'none'>;
}
