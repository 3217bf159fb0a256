import { GleanerError } from '../gleaner-error.ts';
import { valueAt } from '../json/at-pointer.ts';
import { isSameJson } from '../json/same-json.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';
import type { ResultEntry } from '../store/entries.ts';
import { draftOf, finishDraft } from './draft.ts';
import { applyLabels, type Label, type LabelRequest } from './label.ts';
import type { LabelFile } from './label-file.ts';
import { LabelJudge } from './label-judge.ts';
import type { ImportedLabel } from './label-studio-export.ts';
import { parseLabelText } from './parse-label-text.ts';
import type { RunItems } from './run-items.ts';
import { unlabelledData } from './unlabelled.ts';
import { typesAt } from './value-types.ts';

export interface RunLabelsOptions {
  schema: JsonObject | undefined;
  /** Who reviews. */
  by: string;
  now(): Date;
}

/** What came of labels from elsewhere. */
export interface ImportedLabels {
  labelled: number;
  /** Labels of records or fields that the run lacks. */
  unknown: number;
  /** Labels that the schema does not take. */
  refused: { id: string; reason: string }[];
}

/** What people say of a run's records. Only the file of labels is written. */
export class RunLabels {
  readonly #items: RunItems;
  readonly #file: LabelFile;
  readonly #options: RunLabelsOptions;
  readonly #judge: LabelJudge;

  constructor(items: RunItems, file: LabelFile, options: RunLabelsOptions) {
    this.#items = items;
    this.#file = file;
    this.#options = options;
    this.#judge = new LabelJudge(options.schema);
    for (const [id, at] of items.ids()) this.#mark(id, at);
  }

  of(id: string | null): readonly Label[] {
    return id === null ? [] : this.#file.of(id);
  }

  /** What a record has by its labels; a reject begins with a draft. */
  labelled(at: number, entry: JsonObject, labels: readonly Label[]): JsonValue {
    const base = this.#items.isRejected(at)
      ? draftOf(this.#options.schema, entry['answer'])
      : unlabelledData(entry as unknown as ResultEntry);
    return applyLabels(base, labels);
  }

  /**
   * Appends a label.
   *
   * @throws {GleanerError} when there is no such record or value, or the value is not what the schema takes
   */
  add(request: LabelRequest): Label {
    const { id } = request;
    const at = this.#items.placeOf(id);
    if (at === undefined) throw new GleanerError('usage', 'Cannot label the record: the run has none of this id');
    const current = this.labelled(at, this.#items.entryAt(at), this.of(id));
    const isDraft = 'accept' in request && this.#items.isRejected(at);
    const { path, value } = this.#valueOf(request, isDraft ? finishDraft(this.#options.schema, current) : current);
    if (path !== '' && applyLabels(current, [{ path, value: 'a' }]) === current) {
      throw new GleanerError('usage', `Cannot label ${path}: the result has no such place`);
    }
    this.#demandFit(current, { path, value });
    return this.#append({ id, path, value, by: this.#options.by, at: this.#now() }, at);
  }

  /** Appends labels from elsewhere that say something else than what is there, as far as the schema takes them. */
  import(imported: readonly ImportedLabel[]): ImportedLabels {
    const outcome: ImportedLabels = { labelled: 0, unknown: 0, refused: [] };
    for (const { id, path, text, by, at: when } of imported) {
      const at = this.#items.placeOf(id);
      const current = at === undefined ? null : this.labelled(at, this.#items.entryAt(at), this.of(id));
      const now = valueAt(current, path);
      if (at === undefined || now === undefined) {
        outcome.unknown += 1;
        continue;
      }
      try {
        const value = parseLabelText(text, { path, current, types: typesAt(this.#options.schema, path) });
        if (isSameJson(value, now)) continue;
        this.#demandFit(current, { path, value });
        this.#append({ id, path, value, by, at: when ?? this.#now() }, at);
        outcome.labelled += 1;
      } catch (error) {
        if (!(error instanceof GleanerError)) throw error;
        outcome.refused.push({ id, reason: error.message });
      }
    }
    return outcome;
  }

  /** What people accepted, in input order: records that they looked at as a whole, with the values that are right. */
  *gold(): Generator<{ id: string; data: JsonValue }> {
    const { table } = this.#items;
    for (let at = 0; at < table.count; at += 1) {
      if (!table.has(at, 'reviewed')) continue;
      const entry = this.#items.entryAt(at);
      const id = String(entry['id']);
      yield { id, data: this.labelled(at, entry, this.of(id)) };
    }
  }

  #append(label: Label, at: number): Label {
    this.#file.append(label);
    this.#mark(label.id, at);
    return label;
  }

  #mark(id: string, at: number): void {
    const labels = this.#file.of(id);
    if (labels.length > 0) this.#items.table.mark(at, 'labelled');
    if (labels.some(({ path }) => path === '')) this.#items.table.mark(at, 'reviewed');
  }

  #valueOf(request: LabelRequest, current: JsonValue): { path: string; value: JsonValue } {
    if ('accept' in request) return { path: '', value: current };
    const { path } = request;
    if ('value' in request) return { path, value: request.value };
    const types = typesAt(this.#options.schema, path);
    return { path, value: parseLabelText(request.text, { path, current, types }) };
  }

  /** What is said goes into the results, and must be what the schema takes. */
  #demandFit(current: JsonValue, label: Pick<Label, 'path' | 'value'>): void {
    const misfit = this.#judge.misfit(current, label);
    if (misfit === undefined) return;
    const what = misfit.path === '' ? 'it' : misfit.path;
    if (label.path !== '') throw new GleanerError('usage', `Cannot label ${label.path}: ${what} ${misfit.needs}`);
    const todo = (valueAt(label.value, misfit.path) ?? null) === null ? 'fill it in' : 'correct it';
    throw new GleanerError('usage', `Cannot accept the record yet: ${what} ${misfit.needs}; ${todo} first`);
  }

  #now(): string {
    return this.#options.now().toISOString();
  }
}
