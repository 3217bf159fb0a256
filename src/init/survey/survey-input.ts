import { openRecords, type OpenRecordsOptions } from '../../records/open-records.ts';
import type { RecordFields, RecordFormat } from '../../records/record.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { JsonValue } from '../../json/value.ts';

/** What the first records of an input hold. */
export interface InputSurvey {
  readonly input: string;
  readonly format: RecordFormat;
  /** In the order of the file. */
  readonly columns: readonly SurveyedColumn[];
  /** How many records were looked at. */
  readonly records: number;
}

export interface SurveyedColumn {
  readonly name: string;
  /** Its values in the records that were looked at; null and blank ones are left out. */
  readonly values: readonly JsonValue[];
  /** Whether every record has the column, be it empty. */
  readonly isEverywhere: boolean;
}

/** So many records tell what the columns are like. */
const MOST_RECORDS = 500;

/**
 * Looks at the first records of an input.
 *
 * @throws {GleanerError} when it cannot be read, or holds no record
 */
export async function surveyInput(input: string, reading: OpenRecordsOptions = {}): Promise<InputSurvey> {
  const source = await openRecords(input, reading);
  const rows: RecordFields[] = [];
  for await (const row of source) {
    if (row.kind === 'record') rows.push(row.fields);
    if (rows.length === MOST_RECORDS) break;
  }
  if (rows.length === 0) {
    throw new GleanerError('input-unreadable', `Cannot tell from ${input} what to extract: it holds no record`);
  }
  const names = new Set([...(source.columns ?? []), ...rows.flatMap((row) => Object.keys(row))]);
  const columns = [...names].map((name) => {
    const found = rows.flatMap((row) => (Object.hasOwn(row, name) ? [row[name]] : []));
    return {
      name,
      values: found.filter((value) => value !== undefined && !isBlank(value)) as JsonValue[],
      isEverywhere: found.length === rows.length,
    };
  });
  return { input, format: source.format, columns, records: rows.length };
}

function isBlank(value: JsonValue): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '');
}
