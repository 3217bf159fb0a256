import type { JsonObject, JsonValue } from '../json/value.ts';
import { GleanerError } from '../gleaner-error.ts';
import { chooseColumns } from './choose-columns.ts';
import { ColumnTree, type Cell } from './column-tree.ts';
import type { Column } from './column.ts';
import type { FoundRun } from './find-run.ts';
import { InputColumns } from './input-columns.ts';
import { openLines } from './open-lines.ts';
import type { OrderedLines } from './ordered-lines.ts';

export interface TableOptions {
  /** The rejects instead of the results. Default false. */
  rejects?: boolean;
  /** Rejected records, too, with empty fields, and columns that say why. Default false. */
  includeRejects?: boolean;
  /** Path of a list, such as `items`: one row for each of its members, with the rest of the record beside it. */
  rows?: string;
  /** Columns to write, in this order. Default: all. */
  columns?: readonly string[];
  /** Columns of the input to put beside the results: all, or those named. Default: none. */
  withInput?: boolean | readonly string[];
  /** Where the input is now. Default: where the run found it. */
  input?: string;
}

/** Results, or rejects, of a run as a table, in input order. */
export interface RunTable {
  readonly columns: readonly Column[];
  /** Those that were not chosen among them. */
  readonly allColumns: readonly Column[];
  /** Whether the columns come from the schema of the run, and not from what its results happen to hold. */
  readonly isOfSchema: boolean;
  /** Rejects among the rows. */
  readonly rejectCount: number;
  /** Values that no column was for, of the rows read so far. */
  readonly unplaced: number;
  /** The rows, a hundred or so at a time. */
  batches(): AsyncGenerator<readonly Cell[][], void, void>;
  close(): Promise<void>;
}

/** What is held at a time outlives collections of garbage, each of which copies it. */
const BATCH_ROWS = 128;
const LEADING: readonly Column[] = [
  { name: 'id', type: 'text' },
  { name: 'index', type: 'integer' },
];
const ROW_COLUMN: Column = { name: 'row', type: 'integer' };
const REASON: readonly Column[] = [
  { name: 'error.code', type: 'text' },
  { name: 'error.message', type: 'text' },
];

/** What every reject has, whatever the rejects of a run are. What the record holds, only the records tell. */
const REJECT_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    error: {
      type: 'object',
      properties: {
        code: { type: 'string' },
        message: { type: 'string' },
        line: { type: 'integer' },
        status: { type: 'integer' },
        issues: { type: 'array' },
      },
      additionalProperties: false,
    },
    attempts: { type: 'integer' },
    answer: { type: 'string' },
  },
  additionalProperties: false,
};

/**
 * Lays out a run's results, or rejects, as a table.
 *
 * @throws {GleanerError} when the options name what there is not, or the input cannot be put beside
 */
export async function openRunTable(run: FoundRun, lines: OrderedLines, options: TableOptions): Promise<RunTable> {
  const { rejects = false, rows, withInput = false } = options;
  const valueOf = rejects ? rejectValue : resultValue;
  const tree = new ColumnTree(rows);
  const schema = rejects ? REJECT_SCHEMA : run.manifest.outputSchema;
  if (schema !== undefined) tree.learnSchema(schema);
  if (schema === undefined || rejects) for (const entry of lines.entries()) tree.learn(valueOf(entry));
  if (rows !== undefined && !tree.hasExpanded) throw noList(rows, tree.lists);
  const input =
    withInput === false
      ? undefined
      : await InputColumns.open(run, { names: withInput === true ? undefined : withInput, path: options.input });

  const columns: Column[] = [...LEADING, ...(rows === undefined ? [] : [ROW_COLUMN])];
  const taken = (): Set<string> => new Set(columns.map(({ name }) => name));
  const beside: number[][] = [];
  const inputColumns = input?.settle(columns.length, taken()) ?? [];
  beside.push(inputColumns.map((_, at) => columns.length + at));
  columns.push(...inputColumns);
  columns.push(...tree.settle(columns.length, new Set([...taken(), ...(options.includeRejects ? reasonNames() : [])])));
  const reason = columns.length;
  if (options.includeRejects === true) {
    beside.push(REASON.map((_, at) => reason + at));
    columns.push(...REASON);
  }
  const chosen = options.columns === undefined ? undefined : chooseColumns(options.columns, columns, beside);
  const rejected = options.includeRejects === true ? openLines(run, 'rejects') : undefined;

  const blank = Array.from<Cell>({ length: columns.length });
  async function rowsOf(entry: JsonObject, isReject: boolean): Promise<Cell[][]> {
    const cells = blank.slice();
    cells[0] = entry['id'];
    cells[1] = entry['index'];
    if (input !== undefined) await input.fill(Number(entry['index']), entry['id'], cells);
    if (isReject) return [withReason(cells, reason, entry)];
    const value = valueOf(entry);
    if (rows === undefined) {
      tree.fill(value, cells);
      return [cells];
    }
    return expand(value, rows).map((member, place) => {
      const row = cells.slice();
      row[2] = member === undefined ? undefined : place;
      tree.fill(value, row, member);
      return row;
    });
  }

  async function* batches(): AsyncGenerator<Cell[][], void, void> {
    let batch: Cell[][] = [];
    for (const { entry, isReject } of inOrder(lines, rejected)) {
      if (input === undefined && rows === undefined && !isReject) {
        // The way of nearly all exports, without a promise for each row.
        const cells = blank.slice();
        cells[0] = entry['id'];
        cells[1] = entry['index'];
        tree.fill(valueOf(entry), cells);
        batch.push(cells);
      } else batch.push(...(await rowsOf(entry, isReject)));
      if (batch.length < BATCH_ROWS) continue;
      yield chosen === undefined ? batch : batch.map((cells) => chosen.map((place) => cells[place]));
      batch = [];
    }
    if (batch.length > 0)
      yield chosen === undefined ? batch : batch.map((cells) => chosen.map((place) => cells[place]));
  }

  return {
    columns: chosen === undefined ? columns : chosen.flatMap((place) => columns[place] ?? []),
    allColumns: columns,
    isOfSchema: schema !== undefined,
    rejectCount: rejected?.count ?? 0,
    get unplaced() {
      return tree.unplaced;
    },
    batches,
    close: async () => {
      rejected?.close();
      await input?.close();
    },
  };
}

/** Results, with the rejects among them, by index. */
function* inOrder(
  lines: OrderedLines,
  rejects: OrderedLines | undefined,
): Generator<{ entry: JsonObject; isReject: boolean }> {
  const rejected = rejects?.count ?? 0;
  let reject = 0;
  function* rejectsBefore(index: number): Generator<{ entry: JsonObject; isReject: boolean }> {
    for (; reject < rejected && (rejects?.indexAt(reject) ?? 0) < index; reject += 1)
      yield { entry: rejects?.entryAt(reject) ?? {}, isReject: true };
  }
  for (let place = 0; place < lines.count; place += 1) {
    if (reject < rejected) yield* rejectsBefore(lines.indexAt(place));
    yield { entry: lines.entryAt(place), isReject: false };
  }
  yield* rejectsBefore(Infinity);
}

/** The members of the list; a record whose list is empty, or not there, keeps a row. */
function expand(value: JsonValue | undefined, path: string): readonly (JsonValue | undefined)[] {
  let here: JsonValue | undefined = value;
  for (const name of path.split('.')) {
    here = typeof here === 'object' && here !== null && !Array.isArray(here) ? (here as JsonObject)[name] : undefined;
  }
  return Array.isArray(here) && here.length > 0 ? (here as readonly JsonValue[]) : [undefined];
}

function withReason(cells: Cell[], from: number, { error }: JsonObject): Cell[] {
  const { code, message } = (error ?? {}) as JsonObject;
  cells[from] = code;
  cells[from + 1] = message;
  return cells;
}

function reasonNames(): string[] {
  return REASON.map(({ name }) => name);
}

function resultValue(entry: JsonObject): JsonValue | undefined {
  return entry['data'];
}

function rejectValue({ error, attempts, answer, record }: JsonObject): JsonValue {
  return { error, attempts, answer, record };
}

function noList(path: string, lists: readonly string[]): GleanerError {
  const there = lists.length === 0 ? 'the results have no lists' : `the lists are ${lists.join(', ')}`;
  return new GleanerError('usage', `Cannot write one row for each member of ${path}: it is no list; ${there}`);
}
