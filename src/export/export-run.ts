import { existsSync } from 'node:fs';
import type { JsonObject, JsonValue } from '../json/value.ts';
import { ColumnTree } from './column-tree.ts';
import { csvLine, withoutFormula } from './csv-text.ts';
import { findRun } from './find-run.ts';
import { OrderedLines } from './ordered-lines.ts';

export const exportFormats = ['csv', 'jsonl', 'json'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportOptions {
  /** Default `csv`. */
  format?: ExportFormat;
  /** The rejects instead of the results. Default false. */
  rejects?: boolean;
  /** CSV: begin with a byte order mark, by which Excel tells UTF-8. Default false. */
  bom?: boolean;
  /** CSV: leave text that a spreadsheet would run as a formula as it is. Default false. */
  raw?: boolean;
}

export interface RunExport {
  /** Lines exported. */
  count: number;
  /** False while the run has not ended: what is there so far is exported. */
  isFinished: boolean;
  /** The text, in pieces. To be read once, before `close`. */
  chunks: Iterable<string>;
  /** Closes the file that is read. */
  close(): void;
}

const CHUNK_LENGTH = 64 * 1024;

/**
 * Reads a run directory's results, or rejects, back in input order. Memory: 24 bytes a line.
 *
 * @throws {GleanerError} when the directory is missing, holds no run, or its files were changed
 */
export function exportRun(directory: string, options: ExportOptions = {}): RunExport {
  const { format = 'csv', rejects = false, bom = false, raw = false } = options;
  const run = findRun(directory);
  const lines = new OrderedLines(run.file(rejects ? 'rejects' : 'results'));
  const valueOf = rejects ? rejectValue : resultValue;
  const pieces: Iterable<string> =
    format === 'csv' ? csv(lines, { valueOf, bom, raw }) : format === 'json' ? jsonArray(lines) : jsonLines(lines);
  return {
    count: lines.count,
    // Rejects that were taken for another try stand in neither file until they have ended again.
    isFinished: run.manifest.status === 'finished' && !existsSync(run.file('retrying')),
    chunks: joined(pieces),
    close: () => lines.close(),
  };
}

/** Pieces of a size that is worth a write. */
function* joined(pieces: Iterable<string>): Generator<string> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < CHUNK_LENGTH) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

function* jsonLines(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${line}\n`;
}

function* jsonArray(lines: Iterable<string>): Generator<string> {
  let before = '[\n';
  for (const line of lines) {
    yield `${before}${line}`;
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

interface CsvOptions {
  valueOf(entry: JsonObject): JsonValue | undefined;
  bom: boolean;
  raw: boolean;
}

const LEADING_COLUMNS = ['id', 'index'];

/** Twice over the lines: which columns there are is known only at the end. */
function* csv(lines: OrderedLines, { valueOf, bom, raw }: CsvOptions): Generator<string> {
  const textOf = raw ? (text: string) => text : withoutFormula;
  const tree = new ColumnTree();
  for (const entry of lines.entries()) tree.learn(valueOf(entry));
  const header = [...LEADING_COLUMNS, ...tree.settle(LEADING_COLUMNS.length, new Set(LEADING_COLUMNS))];
  yield `${bom ? '\uFEFF' : ''}${csvLine(header.map(textOf))}`;
  for (const entry of lines.entries()) {
    const { id, index } = entry;
    const cells = Array.from<string | undefined>({ length: header.length });
    if (typeof id === 'string') cells[0] = textOf(id);
    cells[1] = String(index);
    tree.fill(valueOf(entry), cells, textOf);
    yield csvLine(cells);
  }
}

function resultValue(entry: JsonObject): JsonValue | undefined {
  return entry['data'];
}

function rejectValue({ error, attempts, answer, record }: JsonObject): JsonValue {
  return { error, attempts, answer, record };
}
