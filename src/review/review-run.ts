import { compileResultEvidence } from '../evidence/result-evidence.ts';
import { findRun, type FoundRun } from '../export/find-run.ts';
import type { Extraction } from '../extraction/definition.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';
import { deriveSchema } from '../schema/derive.ts';
import { EvidenceWatch } from './evidence-watch.ts';
import { findPlaces, MAX_FOUND, summarizeItem } from './item-list.ts';
import { readItem, type Derived } from './read-item.ts';
import type { Label, LabelRequest } from './label.ts';
import { LabelFile } from './label-file.ts';
import type { ImportedLabel } from './label-studio-export.ts';
import type { ItemSummary, ReviewItem } from './review-item.ts';
import { RunItems } from './run-items.ts';
import { RunLabels, type ImportedLabels } from './run-labels.ts';

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

/** A run as it is reviewed. It is read and never written; labels go into a file of their own. */
export class ReviewRun {
  readonly run: FoundRun;
  readonly #items: RunItems;
  readonly #labels: RunLabels;
  readonly #watch: EvidenceWatch | undefined;
  readonly #options: ReviewRunOptions;
  readonly #derived: Derived;

  private constructor(run: FoundRun, items: RunItems, options: ReviewRunOptions, derived: Derived) {
    this.run = run;
    this.#items = items;
    this.#options = options;
    this.#derived = derived;
    const { by, now = () => new Date() } = options;
    this.#labels = new RunLabels(items, new LabelFile(run.file('labels')), { schema: derived.schema, by, now });
    this.#watch = derived.evidenceOf && new EvidenceWatch(items, derived.evidenceOf);
  }

  /**
   * Reads results, rejects and the input once.
   *
   * @throws {GleanerError} when the run cannot be read
   */
  static async open(directory: string, options: ReviewRunOptions): Promise<ReviewRun> {
    const run = findRun(directory);
    const { extraction, input, onNotice } = options;
    const evidenceOf = extraction && (await compileResultEvidence(extraction));
    // The results were made by the run's schema; the definition's may be another by now.
    const schema = run.manifest.outputSchema ?? (extraction && (await deriveSchema(extraction.schema)).outputSchema);
    const items = new RunItems(run);
    try {
      const review = new ReviewRun(run, items, options, { evidenceOf, schema });
      await items.readRecords(extraction, input).catch((error: unknown) => {
        if (!(error instanceof GleanerError)) throw error;
        onNotice?.(`${error.message}. Results are shown without their records`);
      });
      return review;
    } catch (error) {
      items.close();
      throw error;
    }
  }

  get count(): number {
    return this.#items.table.count;
  }

  /** What the page shows of the run as a whole. */
  summary(): JsonObject {
    const { table, codes } = this.#items;
    const counted = (kind: string, names: readonly string[]): JsonObject[] =>
      names.map((name) => ({
        filter: `${kind}:${name}`,
        name,
        count: findPlaces(this.#items, this.#fields, { filter: `${kind}:${name}`, search: '' }).length,
      }));
    return {
      extraction: String(this.run.manifest.identity['extraction'] ?? ''),
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
      examined: this.#watch?.examined ?? null,
      codes: counted('code', codes),
      fields: counted('field', this.#fields),
    };
  }

  /** Records that a filter and a search leave, a page of them. At most 2,000 are searched out. */
  list(options: { filter: string; search: string; from: number; count: number }): {
    total: number;
    isCut: boolean;
    items: ItemSummary[];
  } {
    const places = findPlaces(this.#items, this.#fields, options);
    return {
      total: places.length,
      isCut: options.search !== '' && places.length >= MAX_FOUND,
      items: places.slice(options.from, options.from + options.count).map((at) => summarizeItem(this.#items, at)),
    };
  }

  /** @throws {GleanerError} when there is no such record */
  item(at: number): Promise<ReviewItem> {
    return readItem(at, {
      run: this.run,
      items: this.#items,
      labels: this.#labels,
      extraction: this.#options.extraction,
      ...this.#derived,
    });
  }

  /** @throws {GleanerError} when there is no such record or value, or the value is not what the schema takes */
  label(request: LabelRequest): Label {
    return this.#labels.add(request);
  }

  /** Appends labels from elsewhere that say something else than what is there, as far as the schema takes them. */
  importLabels(imported: readonly ImportedLabel[]): ImportedLabels {
    return this.#labels.import(imported);
  }

  /** What people accepted, in input order. */
  gold(): Iterable<{ id: string; data: JsonValue }> {
    return this.#labels.gold();
  }

  /** Looks for the evidence of some more records; false once all have been looked at. */
  examine(count: number): boolean {
    return this.#watch?.examine(count) ?? false;
  }

  close(): void {
    this.#items.close();
  }

  get #fields(): readonly string[] {
    return this.#watch?.fields ?? [];
  }
}
