import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ValidationIssue, ValidationResult, ZodSchema } from '../../schema/zod-schema.ts';
import { locateJsonError } from '../../json/locate-json-error.ts';
import type { JsonValue } from '../../json/value.ts';
import type { UnreadableRow } from '../../records/record.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { pointerToken } from '../../json/pointer.ts';
import type { RowProblem } from './compiled/check.ts';
import { compileValidator } from './replay-validator.ts';

/** A way in which rows fail, with the first row that does. */
export interface ReplayProblem extends RowProblem {
  /** Rows with this problem. */
  readonly rows: number;
  readonly file: string;
  /** 1-based line of the first such row. */
  readonly line: number;
}

export interface ReplayReport {
  readonly rows: number;
  readonly failed: number;
  readonly files: readonly Readonly<FileTally>[];
  /** The most frequent first. */
  readonly problems: readonly ReplayProblem[];
  /** Rows with problems that are not listed, because there are too many different ones. */
  readonly unlisted: number;
  /** Files that end in a line which was cut off, as a killed run leaves them; it counts as no row. */
  readonly torn: readonly string[];
}

export interface ReplayOptions {
  /** JSON Schema that the `data` of every row must follow. */
  readonly schema: JsonValue;
  /** Zod schema that must accept it as well; only for schemas that read what they write. */
  readonly zodSchema?: ZodSchema | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A hostile file must not fill the memory with kinds of problems. */
const MOST_PROBLEMS = 1_000;

/**
 * Validates the `data` of stored results: JSON lines, plain or .gz, or run directories. Rows are read one by one.
 *
 * @throws {GleanerError} when a file cannot be read
 */
export async function replayResults(inputs: readonly string[], options: ReplayOptions): Promise<ReplayReport> {
  const { schema, zodSchema, signal } = options;
  const refusalsOf = compileValidator(schema);
  const problemsOf = (data: JsonValue | undefined): readonly RowProblem[] | Promise<readonly RowProblem[]> => {
    if (data === undefined) return [NO_DATA];
    const violations = refusalsOf(data);
    // Where the schema refuses, zod would say the same in other words; it is asked for what the schema does not show.
    if (violations.length > 0 || zodSchema === undefined) return violations;
    const result = zodSchema['~standard'].validate(data);
    return result instanceof Promise ? result.then(problemsOfZod) : problemsOfZod(result);
  };
  // Who only compares schemas needs none of what reads files of records.
  const { openRecords } = await import('../../records/open-records.ts');
  const tally = new Tally();
  const files: FileTally[] = [];
  const torn: string[] = [];
  for (const input of inputs) {
    const path = await resultsFile(input);
    const file = { path, rows: 0, failed: 0 };
    // What cannot be read is a torn end only if nothing follows.
    let unread: UnreadableRow | undefined;
    const source = await openRecords(path, { format: 'jsonl', ...(signal === undefined ? {} : { signal }) });
    for await (const row of source) {
      if (unread !== undefined) tally.add([NOT_JSON], file, unread.line);
      unread = row.kind === 'unreadable' ? row : undefined;
      if (row.kind === 'record') tally.add(await problemsOf(row.fields['data']), file, row.line);
    }
    if (unread !== undefined) {
      if (isUnfinished(unread.text)) torn.push(path);
      else tally.add([NOT_JSON], file, unread.line);
    }
    files.push(file);
  }
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const failed = files.reduce((sum, file) => sum + file.failed, 0);
  return { rows, failed, files, problems: tally.problems(), unlisted: tally.unlisted, torn };
}

export interface FileTally {
  readonly path: string;
  rows: number;
  failed: number;
}

class Tally {
  unlisted = 0;
  readonly #problems = new Map<string, { problem: RowProblem; rows: number; file: string; line: number }>();

  add(problems: readonly RowProblem[], file: FileTally, line: number): void {
    file.rows += 1;
    if (problems.length === 0) return;
    file.failed += 1;
    // Several items of a row may fail alike; that is one row.
    const keys = new Map(problems.map((problem) => [`${problem.rule} ${problem.path}`, problem]));
    for (const [key, problem] of keys) {
      const known = this.#problems.get(key);
      if (known !== undefined) known.rows += 1;
      else if (this.#problems.size < MOST_PROBLEMS)
        this.#problems.set(key, { problem, rows: 1, file: file.path, line });
      else this.unlisted += 1;
    }
  }

  problems(): ReplayProblem[] {
    return [...this.#problems.values()]
      .map(({ problem, ...rest }) => ({ ...problem, ...rest }))
      .sort((left, right) => right.rows - left.rows);
  }
}

const NOT_JSON: RowProblem = { path: '', rule: 'json', message: 'must be a JSON object on one line' };
const NO_DATA: RowProblem = {
  path: '',
  rule: 'data',
  message: 'must have the member "data", as lines of results.jsonl do',
};

function problemsOfZod(result: ValidationResult<unknown>): RowProblem[] {
  return (result.issues ?? []).map((issue) => ({ path: zodPath(issue), rule: zodRule(issue), message: issue.message }));
}

function zodPath({ path = [] }: ValidationIssue): string {
  return path
    .map((part) => (typeof part === 'object' ? part.key : part))
    .map((key) => (typeof key === 'number' ? '/*' : `/${pointerToken(String(key))}`))
    .join('');
}

function zodRule(issue: ValidationIssue): string {
  const code = 'code' in issue ? issue.code : undefined;
  return typeof code === 'string' ? `zod:${code}` : 'zod';
}

function isUnfinished(text: string): boolean {
  const content = text.trimEnd();
  return (locateJsonError(content) ?? 0) >= content.length;
}

/** A run directory stands for the results in it. */
async function resultsFile(input: string): Promise<string> {
  const found = await stat(input).catch(() => undefined);
  if (found?.isDirectory() !== true) return input;
  const path = join(input, 'results.jsonl');
  if ((await stat(path).catch(() => undefined))?.isFile() === true) return path;
  throw new GleanerError(
    'run-unreadable',
    `Cannot replay ${input}: the directory has no results.jsonl, so it is no run directory`,
  );
}
