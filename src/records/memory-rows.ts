import { isJsonObject } from '../json/value.ts';
import type { SourceRow } from './record.ts';

/** Records of a program as rows, pulled one at a time; leaving the loop early closes their source. */
export async function* memoryRows(
  records: Iterable<object> | AsyncIterable<object>,
): AsyncGenerator<SourceRow, void, undefined> {
  let index = 0;
  for await (const record of records) {
    const place = { index, line: index + 1 };
    yield isJsonObject(record)
      ? { kind: 'record', ...place, fields: record }
      : { kind: 'unreadable', ...place, message: 'The record is no object of fields', text: '' };
    index += 1;
  }
}
