import { isJsonObject } from '../json/value.ts';
import type { SourceRow } from './record.ts';

/** Records of a program as rows, pulled one at a time; leaving the loop early closes their source. Throws the signal's reason once that aborts. */
export async function* memoryRows(
  records: Iterable<object> | AsyncIterable<object>,
  signal?: AbortSignal,
): AsyncGenerator<SourceRow, void, undefined> {
  let index = 0;
  signal?.throwIfAborted();
  for await (const record of records) {
    signal?.throwIfAborted();
    const place = { index, line: index + 1 };
    yield isJsonObject(record)
      ? { kind: 'record', ...place, fields: record }
      : { kind: 'unreadable', ...place, message: 'The record is no object of fields', text: '' };
    index += 1;
  }
}
