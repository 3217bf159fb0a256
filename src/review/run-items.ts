import { compileRecordId } from '../extraction/record-id.ts';
import type { Extraction } from '../extraction/definition.ts';
import { idFieldOf } from '../evidence/collect-evidence.ts';
import { openRunInput } from '../export/run-input.ts';
import type { FoundRun } from '../export/find-run.ts';
import { openLines } from '../export/open-lines.ts';
import type { OrderedLines } from '../export/ordered-lines.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { JsonObject } from '../json/value.ts';
import type { RecordFields } from '../records/record.ts';
import type { RejectEntry } from '../store/entries.ts';
import { isLowConfidence } from './confidence.ts';
import { ItemTable, ITEM_BITS } from './item-table.ts';
import { RecordSpool } from './record-spool.ts';

/** Results and rejects of a run in input order, each beside its record; only places are held in memory. */
export class RunItems {
  readonly table = new ItemTable();
  /** The reject codes that there are. */
  readonly codes: string[] = [];
  readonly #run: FoundRun;
  readonly #results: OrderedLines;
  readonly #rejects: OrderedLines;
  readonly #spool = new RecordSpool();
  readonly #placeById = new Map<string, number>();

  /** @throws {GleanerError} when the run's results or rejects cannot be read */
  constructor(run: FoundRun) {
    this.#run = run;
    this.#results = openLines(run, 'results');
    this.#rejects = openLines(run, 'rejects');
    try {
      this.#readLines();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Reads the records of results from the run's input; a reject holds its own.
   *
   * @throws {GleanerError} when the input cannot be read, or is another than the run read
   */
  async readRecords(extraction: Extraction | undefined, input: string | undefined): Promise<void> {
    const recordId = extraction && compileRecordId(extraction, idFieldOf(this.#run, extraction));
    let at = 0;
    for await (const row of await openRunInput(this.#run, input)) {
      while (at < this.table.count && this.table.indexOf(at) < row.index) at += 1;
      if (at >= this.table.count) break;
      if (row.kind !== 'record' || this.table.indexOf(at) !== row.index || this.isRejected(at)) continue;
      const id = recordId?.(row.fields, row.index);
      if (id !== undefined && !(id.ok && this.placeOf(id.id) === at)) continue;
      this.table.setRecord(at, this.#spool.add(JSON.stringify(row.fields)));
    }
    this.#spool.flush();
  }

  isRejected(at: number): boolean {
    return this.table.has(at, 'rejected');
  }

  /** Where the record of an id stands; of several, its result. */
  placeOf(id: string): number | undefined {
    return this.#placeById.get(id);
  }

  ids(): Iterable<[id: string, at: number]> {
    return this.#placeById;
  }

  /** @throws {GleanerError} when there is no such record */
  demand(at: number): void {
    if (!Number.isInteger(at) || at < 0 || at >= this.table.count)
      throw new GleanerError('usage', `Cannot show record ${at}: there are ${this.table.count}`);
  }

  entryAt(at: number): JsonObject {
    return this.#linesOf(at).entryAt(this.table.lineOf(at));
  }

  /** The fields of a record, or the text of a row that could not be read; null where the input is not at hand. */
  recordAt(at: number, entry: JsonObject): RecordFields | string | null {
    if (this.isRejected(at)) return (entry['record'] ?? null) as RecordFields | string | null;
    const ordinal = this.table.recordOf(at);
    return ordinal === undefined ? null : (JSON.parse(this.#spool.read(ordinal)) as RecordFields);
  }

  /** Whether the line of a record, or the record itself, has a text, in any case; it must be given in lower case. */
  holds(at: number, wanted: string): boolean {
    if (this.#linesOf(at).lineAt(this.table.lineOf(at)).toLowerCase().includes(wanted)) return true;
    const ordinal = this.table.recordOf(at);
    return ordinal !== undefined && this.#spool.read(ordinal).toLowerCase().includes(wanted);
  }

  close(): void {
    this.#results.close();
    this.#rejects.close();
    this.#spool.close();
  }

  #linesOf(at: number): OrderedLines {
    return this.isRejected(at) ? this.#rejects : this.#results;
  }

  #readLines(): void {
    const results = this.#results.entries();
    const rejects = this.#rejects.entries();
    let result = results.next();
    let reject = rejects.next();
    for (let line = { result: 0, reject: 0 }; result.done !== true || reject.done !== true;) {
      const isResult =
        result.done !== true &&
        (reject.done === true || Number(result.value['index']) <= Number(reject.value['index']));
      if (isResult && result.done !== true) {
        this.#add(result.value, line.result, 0);
        line = { ...line, result: line.result + 1 };
        result = results.next();
      } else if (reject.done !== true) {
        this.#add(reject.value, line.reject, this.#numberOf((reject.value as unknown as RejectEntry).error.code));
        line = { ...line, reject: line.reject + 1 };
        reject = rejects.next();
      }
    }
  }

  #add(entry: JsonObject, line: number, code: number): void {
    const isRejected = entry['error'] !== undefined;
    let bits = isRejected ? ITEM_BITS.rejected : 0;
    if (entry['repaired'] !== undefined) bits |= ITEM_BITS.repaired;
    if (entry['coerced'] !== undefined) bits |= ITEM_BITS.coerced;
    if (entry['reused'] !== true) bits |= ITEM_BITS.fresh;
    if (isLowConfidence(entry['confidence'])) bits |= ITEM_BITS.lowConfidence;
    const at = this.table.add({ index: Number(entry['index']), line, bits, code });
    const { id } = entry;
    if (typeof id === 'string' && (!isRejected || !this.#placeById.has(id))) this.#placeById.set(id, at);
  }

  #numberOf(code: string): number {
    const known = this.codes.indexOf(code);
    return known === -1 ? this.codes.push(code) - 1 : known;
  }
}
