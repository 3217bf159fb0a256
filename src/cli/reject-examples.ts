import { join } from 'node:path';
import type { UsageReport } from '../accounting/usage-report.ts';
import { redactQuoted } from '../run/record/redact-quoted.ts';
import type { RejectCode } from '../run/record/outcome.ts';
import { rejectAdvice } from '../run/session/reject-advice.ts';
import type { RejectEntry } from '../store/entries.ts';
import { readJsonLines } from '../files/read-json-lines.ts';
import { fileNames } from '../store/run-directory.ts';

/** Rows that could not be read each have a fault of their own; of the other codes, one shows what it is about. */
const MOST_ROWS = 3;
/** A line may be long, since it holds its record; a code that comes up later is told by what it means. */
const MOST_LINES_READ = 500;
const LONGEST_MESSAGE = 200;

/** Gives a reason for every code that records were rejected with: an example, and of rows that could not be read some with their line. */
export function rejectExamples(directory: string, { rejectsByCode }: Pick<UsageReport, 'rejectsByCode'>): string[] {
  const codes = Object.keys(rejectsByCode);
  if (codes.length === 0) return [];
  const rows: string[] = [];
  const reasons = new Map<string, string>();
  const ofRows = new Set<string>();
  for (const { error, record } of firstRejects(directory)) {
    const { code, line, message } = error;
    if (line !== undefined) {
      if (rows.length < MOST_ROWS) rows.push(`line ${line}: ${plain(message, record)}`);
      ofRows.add(code);
    } else if (!reasons.has(code)) reasons.set(code, plain(message, record));
  }
  for (const code of codes) if (!reasons.has(code) && !ofRows.has(code)) reasons.set(code, meaningOf(code));
  return [...rows, ...Array.from(reasons, ([code, reason]) => `${code}: ${reason}`)];
}

function* firstRejects(directory: string): Generator<RejectEntry> {
  let linesRead = 0;
  try {
    for (const line of readJsonLines(join(directory, fileNames.rejects))) {
      yield line as RejectEntry & typeof line;
      linesRead += 1;
      if (linesRead >= MOST_LINES_READ) return;
    }
  } catch {
    // The run has ended, and its report must not fail because somebody touches its files.
  }
}

/** A later version may know codes that this one does not. */
function meaningOf(code: string): string {
  return Object.hasOwn(rejectAdvice, code) ? rejectAdvice[code as RejectCode].meaning : 'a code of another version';
}

/** What the definition's own code or the service says may quote the record. */
function plain(message: string, record: RejectEntry['record']): string {
  // What a parser of JSON says is a piece of the text.
  const own = message.replace(/(function failed: ).* is not valid JSON$/s, '$1a text is not valid JSON');
  return redactQuoted(own, typeof record === 'string' ? { record } : record).slice(0, LONGEST_MESSAGE);
}
