import { join } from 'node:path';
import { redactQuoted } from '../run/record/redact-quoted.ts';
import type { RejectEntry } from '../store/entries.ts';
import { readJsonLines } from '../files/read-json-lines.ts';
import { fileNames } from '../store/run-directory.ts';

/** Rows that could not be read each have a fault of their own; of the other codes, one shows what it is about. */
const MOST_ROWS = 3;
const MOST_EXAMPLES = 8;
/** A line may be long, since it holds its record; what is rare is looked up in the file. */
const MOST_LINES_READ = 500;
const LONGEST_MESSAGE = 200;

/** Why records were rejected: an example of each code, of bad rows with their line. */
export function rejectExamples(directory: string): string[] {
  const rows: string[] = [];
  const others = new Map<string, string>();
  let linesRead = 0;
  try {
    for (const line of readJsonLines(join(directory, fileNames.rejects))) {
      const { error, record } = line as RejectEntry & typeof line;
      if (error.line !== undefined) {
        if (rows.length < MOST_ROWS) rows.push(`line ${error.line}: ${plain(error.message, record)}`);
      } else if (!others.has(error.code)) {
        others.set(error.code, `${error.code}: ${plain(error.message, record)}`);
      }
      linesRead += 1;
      if (linesRead >= MOST_LINES_READ) break;
    }
  } catch {
    // The run has ended, and its report must not fail because somebody touches its files.
  }
  return [...rows, ...others.values()].slice(0, MOST_EXAMPLES);
}

/** What the definition's own code or the service says may quote the record. */
function plain(message: string, record: RejectEntry['record']): string {
  // What a parser of JSON says is a piece of the text.
  const own = message.replace(/(function failed: ).* is not valid JSON$/s, '$1a text is not valid JSON');
  return redactQuoted(own, typeof record === 'string' ? { record } : record).slice(0, LONGEST_MESSAGE);
}
