import type { ResultEvidence } from '../evidence/result-evidence.ts';
import { fieldOfPointer } from '../json/pointer.ts';
import type { ResultEntry } from '../store/entries.ts';
import type { RunItems } from './run-items.ts';

/** As many as a row of the table has bits for. */
const MAX_FIELDS = 31;

/** Looks for the evidence of a run's results, some at a time, and notes which have values without any. */
export class EvidenceWatch {
  /** Fields of which some value was not found. */
  readonly fields: string[] = [];
  readonly #items: RunItems;
  readonly #evidenceOf: ResultEvidence;
  #examined = 0;

  constructor(items: RunItems, evidenceOf: ResultEvidence) {
    this.#items = items;
    this.#evidenceOf = evidenceOf;
  }

  get examined(): number {
    return this.#examined;
  }

  /** Looks at some more; false once all have been looked at. */
  examine(count: number): boolean {
    const { table } = this.#items;
    for (const end = this.#examined + count; this.#examined < end && this.#examined < table.count;) {
      this.#examineAt(this.#examined);
      this.#examined += 1;
    }
    return this.#examined < table.count;
  }

  #examineAt(at: number): void {
    const items = this.#items;
    if (items.isRejected(at) || items.table.recordOf(at) === undefined) return;
    const entry = items.entryAt(at);
    const record = items.recordAt(at, entry);
    if (record === null || typeof record === 'string') return;
    let missing = 0;
    for (const { path, match } of this.#evidenceOf(entry as unknown as ResultEntry, { fields: record }))
      if (match === 'none') missing |= 1 << this.#numberOf(fieldOfPointer(path));
    items.table.setMissing(at, missing >>> 0);
  }

  /** Further fields are counted with the last one that has a number. */
  #numberOf(field: string): number {
    const number = this.fields.indexOf(field);
    if (number !== -1) return number;
    return this.fields.length < MAX_FIELDS ? this.fields.push(field) - 1 : MAX_FIELDS - 1;
  }
}
