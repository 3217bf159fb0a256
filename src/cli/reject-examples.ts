import { join } from 'node:path';
import { redactEcho } from '../text/redact-echo.ts';
import type { RejectEntry } from '../store/entries.ts';
import { readJsonLines } from '../files/read-json-lines.ts';
import { fileNames } from '../store/run-directory.ts';

const MOST_EXAMPLES = 3;
/** A line may be long, since it holds its record; where bad records are rare, they are looked up in the file. */
const MOST_LINES_READ = 200;
const LONGEST_MESSAGE = 200;

/** What was wrong with a few of the rows that could not be asked for. Other rejects tell too little without their record. */
export function rejectExamples(directory: string): string[] {
  const examples: string[] = [];
  let linesRead = 0;
  try {
    for (const line of readJsonLines(join(directory, fileNames.rejects))) {
      const { error, record } = line as RejectEntry & typeof line;
      if (error.code === 'bad_record') examples.push(`line ${error.line ?? '?'}: ${plain(error.message, record)}`);
      linesRead += 1;
      if (examples.length >= MOST_EXAMPLES || linesRead >= MOST_LINES_READ) break;
    }
  } catch {
    // The run has ended, and its report must not fail because somebody touches its files.
  }
  return examples;
}

/** What an error of the definition's own code says may hold contents of the record; others may quote it, such as a path in it. */
function plain(message: string, record: RejectEntry['record']): string {
  const own = message.replace(/( function failed): .*/s, '$1');
  const fields =
    typeof record === 'string' ? [record] : Object.values(record).filter((value) => typeof value === 'string');
  return redactEcho(own, { texts: fields, values: fields }).slice(0, LONGEST_MESSAGE);
}
