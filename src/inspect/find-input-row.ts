import { findRun } from '../export/find-run.ts';
import { openRunInput } from '../export/run-input.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { JsonObject } from '../json/value.ts';
import type { RecordLife } from './inspect-record.ts';

/** The row of the input that a record is. */
export interface InputRow {
  /** From 1, the header counted. */
  line: number;
  fields: JsonObject;
}

/**
 * Reads the input of a run up to the row of a record whose end or call is on file. Gives a reason where there is no such row to show: the input
 * is gone, has changed since, or came through standard input.
 */
export async function findInputRow(
  directory: string,
  { entry, calls }: Pick<RecordLife, 'entry' | 'calls'>,
  input?: string,
): Promise<InputRow | { problem: string }> {
  const index = (entry ?? calls[0])?.['index'];
  if (typeof index !== 'number') return { problem: 'the record has neither an end nor a call that tells its row' };
  try {
    for await (const row of await openRunInput(findRun(directory), input)) {
      if (row.index < index) continue;
      return row.kind === 'record' ? { line: row.line, fields: row.fields } : { problem: row.message };
    }
    return { problem: 'the input ends before its row' };
  } catch (error) {
    if (error instanceof GleanerError) return { problem: error.message };
    throw error;
  }
}
