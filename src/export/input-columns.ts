import { suggestColumn } from '../extraction/suggest-column.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { JsonObject } from '../json/value.ts';
import type { RecordSource, SourceRow } from '../records/record.ts';
import { ColumnTree, type Cell } from './column-tree.ts';
import type { Column } from './column.ts';
import type { FoundRun } from './find-run.ts';
import { openRunInput } from './run-input.ts';

/** What every column of the input is called in a table, so that none can be taken for a column of the results. */
const PREFIX = 'input';

export interface InputColumnsOptions {
  /** Columns to take; all when absent. */
  names: readonly string[] | undefined;
  /** Where the input is now. Default: where the run found it. */
  path: string | undefined;
}

/** The records of a run beside its results, read along with them: both are in the order of the input. */
export class InputColumns {
  readonly #run: FoundRun;
  readonly #options: InputColumnsOptions;
  readonly #tree = new ColumnTree();
  /** Set where the contents of the input are not known, so that only the ids can tell whether it is the right one. */
  readonly #idColumn: string | undefined;
  #rows: AsyncIterator<SourceRow> | undefined;
  #row: SourceRow | undefined;

  private constructor(run: FoundRun, options: InputColumnsOptions) {
    this.#run = run;
    this.#options = options;
    const { input, id } = run.manifest.identity;
    this.#idColumn = typeof input === 'object' || typeof id !== 'string' || id.startsWith('function ') ? undefined : id;
  }

  /**
   * Finds out which columns there are: a CSV file tells, of JSON lines each record has to be looked at.
   *
   * @throws {GleanerError} when the input cannot be read, is not what the run read, or lacks a column that was named
   */
  static async open(run: FoundRun, options: InputColumnsOptions): Promise<InputColumns> {
    const opened = new InputColumns(run, options);
    const source = await openRunInput(run, options.path);
    const { names } = options;
    if (source.columns !== undefined) {
      refuseMissing(names, source.columns);
      opened.#tree.learn(Object.fromEntries((names ?? source.columns).map((name) => [name, 'text'])));
      await source[Symbol.asyncIterator]().return?.();
      return opened;
    }
    const found = new Set<string>();
    // Names that were asked for come in that order.
    if (names !== undefined) opened.#tree.learn(Object.fromEntries(names.map((name) => [name, null])));
    for await (const row of source) {
      if (row.kind !== 'record') continue;
      for (const name of Object.keys(row.fields)) found.add(name);
      opened.#tree.learn(opened.#chosen(row.fields));
    }
    refuseMissing(names, [...found]);
    return opened;
  }

  settle(first: number, taken: ReadonlySet<string>): Column[] {
    return this.#tree.settle(first, taken, PREFIX);
  }

  /** Puts the fields of a record into its cells. To be asked in the order of the input. */
  async fill(index: number, id: unknown, cells: Cell[]): Promise<void> {
    this.#rows ??= (await this.#open())[Symbol.asyncIterator]();
    while (this.#row === undefined || this.#row.index < index) {
      const next = await this.#rows.next();
      if (next.done === true) return;
      this.#row = next.value;
    }
    if (this.#row.index !== index || this.#row.kind !== 'record') return;
    this.#refuseOther(this.#row.fields, id);
    this.#tree.fill(this.#chosen(this.#row.fields), cells);
  }

  async close(): Promise<void> {
    await this.#rows?.return?.();
  }

  #open(): Promise<RecordSource> {
    return openRunInput(this.#run, this.#options.path);
  }

  #chosen(fields: JsonObject): JsonObject {
    const { names } = this.#options;
    if (names === undefined) return fields;
    return Object.fromEntries(names.map((name) => [name, Object.hasOwn(fields, name) ? fields[name] : undefined]));
  }

  #refuseOther(fields: JsonObject, id: unknown): void {
    const column = this.#idColumn;
    if (column === undefined || typeof id !== 'string' || String(fields[column]) === id) return;
    throw new GleanerError(
      'input-changed',
      `Cannot put the input beside the results in ${this.#run.path}: it holds other ids than the run read; name the file as it was`,
    );
  }
}

function refuseMissing(names: readonly string[] | undefined, columns: readonly string[]): void {
  const missing = names?.find((name) => !columns.includes(name));
  if (missing === undefined) return;
  throw new GleanerError(
    'usage',
    `Cannot export the column "${missing}" of the input: it has none of that name; ${suggestColumn(missing, columns)}`,
  );
}
