import { collectTexts, type ItemTexts } from './item-texts.ts';
import { compileFilter } from './item-filter.ts';
import { ItemTable, ITEM_BITS } from './item-table.ts';
import { compileResultEvidence, idFieldOf, type ResultEvidence } from '../evidence/collect-evidence.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { fieldOfPointer } from '../json/pointer.ts';
import { openRunInput } from '../export/run-input.ts';
import { schemasAt } from '../evidence/value-leaves.ts';
import { findRun, type FoundRun } from '../export/find-run.ts';
import { OrderedLines } from '../export/ordered-lines.ts';
import type { Extraction } from '../extraction/definition.ts';
import { compileRecordId } from '../extraction/record-id.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';
import type { RecordFields } from '../records/record.ts';
import { deriveSchema } from '../schema/derive.ts';
import type { RejectEntry, ResultEntry } from '../store/entries.ts';
import { applyLabels, type Label, type LabelRequest } from './label.ts';
import { valueAt } from '../json/at-pointer.ts';
import { isSameJson } from '../json/same-json.ts';
import type { ImportedLabel } from './label-studio-export.ts';
import { LabelFile } from './label-file.ts';
import { parseLabelText } from './parse-label-text.ts';
import { isLowConfidence } from './confidence.ts';
import { RecordSpool } from './record-spool.ts';

export interface ReviewRunOptions {
  /** The definition of the run; without one there is no evidence, and texts are all the record's fields. */
  extraction?: Extraction | undefined;
  /** Where the input is now. Default: where the run found it. */
  input?: string | undefined;
  /** Who reviews. */
  by: string;
  now?: () => Date;
  /** Told what the reviewer should know. */
  onNotice?: (notice: string) => void;
}

/** A record as a reviewer sees it. */
export interface ReviewItem {
  at: number;
  id: string | null;
  index: number;
  status: 'extracted' | 'rejected';
  /** What is in the results, without labels. */
  data: JsonValue;
  /** The same with labels. */
  labelled: JsonValue;
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

const MAX_FIELDS = 31;
const MAX_FOUND = 2000;

/**
 * A run as it is reviewed: results and rejects in input order beside their records, of which only places are held. The run is read
 * and never written; labels go into a file of their own.
 */
export class ReviewRun {
  readonly run: FoundRun;
  readonly #results: OrderedLines;
  readonly #rejects: OrderedLines;
  readonly #table = new ItemTable();
  readonly #spool = new RecordSpool();
  readonly #labels: LabelFile;
  readonly #codes: string[] = [];
  readonly #fields: string[] = [];
  readonly #options: ReviewRunOptions;
  readonly #evidenceOf: ResultEvidence | undefined;
  readonly #schema: JsonObject | undefined;
  readonly #placeById = new Map<string, number>();
  #examined = 0;

  private constructor(
    run: FoundRun,
    options: ReviewRunOptions,
    derived: { evidenceOf?: ResultEvidence | undefined; schema?: JsonObject | undefined },
  ) {
    this.run = run;
    this.#options = options;
    this.#evidenceOf = derived.evidenceOf;
    this.#schema = derived.schema;
    this.#labels = new LabelFile(run.file('labels'));
    this.#results = new OrderedLines(run.file('results'));
    this.#rejects = new OrderedLines(run.file('rejects'));
  }

  /**
   * Reads results, rejects and the input once.
   *
   * @throws {GleanerError} when the run cannot be read
   */
  static async open(directory: string, options: ReviewRunOptions): Promise<ReviewRun> {
    const run = findRun(directory);
    const { extraction } = options;
    const evidenceOf = extraction && (await compileResultEvidence(extraction));
    const schema = extraction && (await deriveSchema(extraction.schema)).outputSchema;
    const review = new ReviewRun(run, options, { evidenceOf, schema });
    try {
      review.#readItems();
      await review.#readRecords();
      return review;
    } catch (error) {
      review.close();
      throw error;
    }
  }

  get count(): number {
    return this.#table.count;
  }

  /** What the page shows of the run as a whole. */
  summary(): JsonObject {
    const table = this.#table;
    const rejects = this.#codes.map((code, number) => {
      const test = compileFilter(`code:${code}`, table, this.#names);
      return { filter: `code:${code}`, name: code, count: this.#countWhere(test ?? (() => false)), number };
    });
    const fields = this.#fields.map((field) => ({
      filter: `field:${field}`,
      name: field,
      count: this.#countWhere(compileFilter(`field:${field}`, table, this.#names) ?? (() => false)),
    }));
    const { identity } = this.run.manifest;
    return {
      extraction: String(identity['extraction'] ?? ''),
      directory: this.run.path,
      count: table.count,
      by: this.#options.by,
      reviewed: table.countOf('reviewed'),
      rejected: table.countOf('rejected'),
      repaired: table.countOf('repaired'),
      coerced: table.countOf('coerced'),
      lowConfidence: table.countOf('lowConfidence'),
      fresh: table.countOf('fresh'),
      noEvidence: table.countOf('noEvidence'),
      examined: this.#evidenceOf === undefined ? null : Math.min(this.#examined, table.count),
      codes: rejects.map(({ filter, name, count }) => ({ filter, name, count })),
      fields,
    };
  }

  /** Records that a filter and a search leave, a page of them. At most 2,000 are searched out. */
  list(options: { filter: string; search: string; from: number; count: number }): {
    total: number;
    isCut: boolean;
    items: ItemSummary[];
  } {
    const places = this.#places(options.filter, options.search);
    return {
      total: places.length,
      isCut: options.search !== '' && places.length >= MAX_FOUND,
      items: places.slice(options.from, options.from + options.count).map((at) => this.#summaryOf(at)),
    };
  }

  item(at: number): Promise<ReviewItem> {
    if (!Number.isInteger(at) || at < 0 || at >= this.#table.count) {
      throw new GleanerError('usage', `Cannot show record ${at}: there are ${this.#table.count}`);
    }
    return this.#itemAt(at);
  }

  /**
   * Appends a label.
   *
   * @throws {GleanerError} when there is no such record or value, or the text does not fit the schema's type
   */
  label(request: LabelRequest): Label {
    const at = this.#placeById.get(request.id);
    if (at === undefined) throw new GleanerError('usage', 'Cannot label the record: the run has none of this id');
    const data = this.#entryAt(at)['data'] ?? null;
    const current = applyLabels(data, this.#labels.of(request.id));
    const { path, value } = this.#valueOf(request, current);
    if (path !== '' && applyLabels(current, [{ path, value: 'a' }]) === current) {
      throw new GleanerError('usage', `Cannot label ${path}: the result has no such place`);
    }
    const label: Label = {
      id: request.id,
      path,
      value,
      by: this.#options.by,
      at: this.#now(),
    };
    this.#labels.append(label);
    this.#mark(at);
    return label;
  }

  /** Appends labels from elsewhere that say something else than what is there. Those that fit no record or field are counted. */
  importLabels(imported: readonly ImportedLabel[]): { labelled: number; unknown: number } {
    let labelled = 0;
    let unknown = 0;
    for (const { id, path, text, by, at } of imported) {
      const place = this.#placeById.get(id);
      const current =
        place === undefined ? null : applyLabels(this.#entryAt(place)['data'] ?? null, this.#labels.of(id));
      const now = valueAt(current, path);
      if (place === undefined || now === undefined) {
        unknown += 1;
        continue;
      }
      const value = parseLabelText(text, { path, current, types: this.#typesAt(path) });
      if (isSameJson(value, now)) continue;
      this.#labels.append({ id, path, value, by, at: at ?? this.#now() });
      this.#mark(place);
      labelled += 1;
    }
    return { labelled, unknown };
  }

  /** What people accepted, in input order: records that they looked at as a whole, with the values that are right. */
  *gold(): Generator<{ id: string; data: JsonValue }> {
    for (let at = 0; at < this.#table.count; at += 1) {
      if (!this.#table.has(at, 'reviewed')) continue;
      const entry = this.#entryAt(at);
      const id = String(entry['id']);
      yield { id, data: applyLabels(entry['data'] ?? null, this.#labels.of(id)) };
    }
  }

  #now(): string {
    return (this.#options.now?.() ?? new Date()).toISOString();
  }

  /** Looks for the evidence of some more records; false once all have been looked at. */
  examine(count: number): boolean {
    if (this.#evidenceOf === undefined) return false;
    for (const end = this.#examined + count; this.#examined < end && this.#examined < this.#table.count;) {
      this.#examineAt(this.#examined);
      this.#examined += 1;
    }
    return this.#examined < this.#table.count;
  }

  close(): void {
    this.#results.close();
    this.#rejects.close();
    this.#spool.close();
  }

  get #names(): { codes: readonly string[]; fields: readonly string[] } {
    return { codes: this.#codes, fields: this.#fields };
  }

  #readItems(): void {
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
    const at = this.#table.add({ index: Number(entry['index']), line, bits, code });
    const { id } = entry;
    if (typeof id !== 'string') return;
    if (!isRejected || !this.#placeById.has(id)) this.#placeById.set(id, at);
    this.#mark(at, id);
  }

  #mark(at: number, id = String(this.#entryAt(at)['id'])): void {
    const labels = this.#labels.of(id);
    if (labels.length > 0) this.#table.mark(at, 'labelled');
    if (labels.some(({ path }) => path === '')) this.#table.mark(at, 'reviewed');
  }

  #numberOf(code: string): number {
    const known = this.#codes.indexOf(code);
    return known === -1 ? this.#codes.push(code) - 1 : known;
  }

  async #readRecords(): Promise<void> {
    const { extraction, input, onNotice } = this.#options;
    const recordId = extraction && compileRecordId(extraction, idFieldOf(this.run, extraction));
    try {
      let at = 0;
      for await (const row of await openRunInput(this.run, input)) {
        while (at < this.#table.count && this.#table.indexOf(at) < row.index) at += 1;
        if (at >= this.#table.count) break;
        if (row.kind !== 'record' || this.#table.indexOf(at) !== row.index || this.#table.has(at, 'rejected')) continue;
        const id = recordId?.(row.fields, row.index);
        if (id !== undefined && !(id.ok && this.#placeById.get(id.id) === at)) continue;
        this.#table.setRecord(at, this.#spool.add(JSON.stringify(row.fields)));
      }
      this.#spool.flush();
    } catch (error) {
      if (!(error instanceof GleanerError)) throw error;
      onNotice?.(`${error.message}. Results are shown without their records`);
    }
  }

  #entryAt(at: number): JsonObject {
    const lines = this.#table.has(at, 'rejected') ? this.#rejects : this.#results;
    return lines.entryAt(this.#table.lineOf(at));
  }

  #recordAt(at: number): RecordFields | undefined {
    const ordinal = this.#table.recordOf(at);
    return ordinal === undefined ? undefined : (JSON.parse(this.#spool.read(ordinal)) as RecordFields);
  }

  async #itemAt(at: number): Promise<ReviewItem> {
    const entry = this.#entryAt(at);
    const isRejected = this.#table.has(at, 'rejected');
    const id = typeof entry['id'] === 'string' ? entry['id'] : null;
    const labels = id === null ? [] : this.#labels.of(id);
    const record = isRejected
      ? ((entry['record'] ?? null) as RecordFields | string | null)
      : (this.#recordAt(at) ?? null);
    const fields = typeof record === 'object' && record !== null ? record : undefined;
    const data = entry['data'] ?? null;
    const labelled = applyLabels(data, labels);
    const texts = await collectTexts(this.#options.extraction, fields, this.run);
    const evidence =
      fields === undefined || isRejected || this.#evidenceOf === undefined
        ? []
        : this.#evidenceOf({ ...(entry as unknown as ResultEntry), data: labelled }, { fields });
    return {
      at,
      id,
      index: this.#table.indexOf(at),
      status: isRejected ? 'rejected' : 'extracted',
      data,
      labelled,
      ...(entry['error'] === undefined ? {} : { error: entry['error'] as unknown as RejectEntry['error'] }),
      ...(entry['answer'] === undefined ? {} : { answer: entry['answer'] }),
      record,
      ...texts,
      evidence,
      labels,
      isReviewed: labels.some(({ path }) => path === ''),
      ...(entry['repaired'] === undefined ? {} : { repaired: entry['repaired'] }),
      ...(entry['coerced'] === undefined ? {} : { coerced: entry['coerced'] }),
      ...(entry['confidence'] === undefined ? {} : { confidence: entry['confidence'] }),
      types: this.#typesOf(labelled, ''),
    };
  }

  #typesOf(
    value: JsonValue,
    path: string,
    found: Record<string, readonly string[]> = {},
  ): Record<string, readonly string[]> {
    if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) {
        this.#typesOf(member as JsonValue, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, found);
      }
      return found;
    }
    found[path] = this.#typesAt(path);
    return found;
  }

  #typesAt(path: string): readonly string[] {
    const schemas = this.#schema === undefined ? [] : schemasAt(this.#schema, path);
    return [...new Set(schemas.flatMap(({ type }) => (Array.isArray(type) ? (type as string[]) : [type])))].filter(
      (type) => typeof type === 'string',
    );
  }

  #valueOf(request: LabelRequest, current: JsonValue): { path: string; value: JsonValue } {
    if ('accept' in request) return { path: '', value: current };
    if ('value' in request) return { path: request.path, value: request.value };
    return {
      path: request.path,
      value: parseLabelText(request.text, { ...request, current, types: this.#typesAt(request.path) }),
    };
  }

  #examineAt(at: number): void {
    const record = this.#table.has(at, 'rejected') ? undefined : this.#recordAt(at);
    if (record === undefined || this.#evidenceOf === undefined) return;
    const entry = this.#entryAt(at) as unknown as ResultEntry;
    let missing = 0;
    for (const { path, match } of this.#evidenceOf(entry, { fields: record })) {
      if (match !== 'none') continue;
      const field = fieldOfPointer(path);
      let number = this.#fields.indexOf(field);
      // Further fields are counted with the last one that has a number.
      if (number === -1) number = this.#fields.length < MAX_FIELDS ? this.#fields.push(field) - 1 : MAX_FIELDS - 1;
      missing |= 1 << number;
    }
    this.#table.setMissing(at, missing >>> 0);
  }

  #places(filter: string, search: string): number[] {
    const test = compileFilter(filter, this.#table, this.#names);
    if (test === undefined)
      throw new GleanerError('usage', `Cannot filter by ${JSON.stringify(filter)}: there is no such filter`);
    const wanted = search.trim().toLowerCase();
    const places: number[] = [];
    for (let at = 0; at < this.#table.count; at += 1) {
      if (!test(at) || (wanted !== '' && !this.#holds(at, wanted))) continue;
      places.push(at);
      if (wanted !== '' && places.length >= MAX_FOUND) break;
    }
    return places;
  }

  /** Whether the line of a record, or the record itself, has a text, in any case. */
  #holds(at: number, wanted: string): boolean {
    const lines = this.#table.has(at, 'rejected') ? this.#rejects : this.#results;
    if (lines.lineAt(this.#table.lineOf(at)).toLowerCase().includes(wanted)) return true;
    const ordinal = this.#table.recordOf(at);
    return ordinal !== undefined && this.#spool.read(ordinal).toLowerCase().includes(wanted);
  }

  #summaryOf(at: number): ItemSummary {
    const entry = this.#entryAt(at);
    const summary: ItemSummary = {
      at,
      id: typeof entry['id'] === 'string' ? entry['id'] : null,
      index: this.#table.indexOf(at),
      isReviewed: this.#table.has(at, 'reviewed'),
      hasLabels: this.#table.has(at, 'labelled'),
      hasNoEvidence: this.#table.has(at, 'noEvidence'),
    };
    if (this.#table.has(at, 'rejected')) summary.code = this.#codes[this.#table.codeOf(at)] ?? '';
    return summary;
  }

  #countWhere(test: (at: number) => boolean): number {
    let count = 0;
    for (let at = 0; at < this.#table.count; at += 1) if (test(at)) count += 1;
    return count;
  }
}
