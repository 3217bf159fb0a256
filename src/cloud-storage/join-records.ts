import { GleanerError } from '../gleaner-error.ts';
import type { RecordSource, SourceRow } from '../records/record.ts';

/** A part of an input: what it is called, and what opens it. */
type Part = readonly [name: string, open: () => Promise<RecordSource>];

/** The rows of several parts as those of one source, counted through; each part is opened when the one before it is at its end. */
export async function joinRecords(parts: readonly Part[]): Promise<RecordSource> {
  const [[, openFirst] = NO_PART, ...others] = parts;
  const first = await openFirst();
  if (others.length === 0) return first;
  return {
    format: first.format,
    columns: first.columns,
    [Symbol.asyncIterator]: () => rowsOf(first, parts),
  };
}

const NO_PART: Part = [
  '',
  () => Promise.reject(new GleanerError('input-unreadable', 'Cannot read an input of no parts')),
];

async function* rowsOf(first: RecordSource, parts: readonly Part[]): AsyncGenerator<SourceRow, void, undefined> {
  let index = 0;
  for (const [place, [name, open]] of parts.entries()) {
    const source = place === 0 ? first : await open();
    checkAlike(first, source, name);
    for await (const row of source) {
      // A line is one of the part, so that people find it.
      yield row.kind === 'record' ? { ...row, index } : { ...row, index, message: `${row.message}, in ${name}` };
      index += 1;
    }
  }
}

function checkAlike(first: RecordSource, source: RecordSource, name: string): void {
  if (source.format !== first.format) {
    throw new GleanerError(
      'input-unreadable',
      `Cannot read ${name} with the others: it is ${source.format}, and the first is ${first.format}; take a pattern that names files of one format`,
    );
  }
  const before = first.columns ?? [];
  const columns = source.columns ?? before;
  const at = columns.findIndex((column, place) => column !== before[place]);
  if (at < 0 && columns.length === before.length) return;
  throw new GleanerError(
    'input-unreadable',
    `Cannot read ${name} with the others: its columns are not those of the first, from column ${(at < 0 ? columns.length : at) + 1} on`,
  );
}
