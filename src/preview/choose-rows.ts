import type { SourceRow } from '../records/record.ts';
import { Reservoir } from '../records/reservoir.ts';

/** Which rows of an input are looked at: the first one, unless something else is said. */
export type Choice = { kind: 'first' } | { kind: 'id'; id: string } | { kind: 'line'; line: number } | Sample;

export interface Sample {
  kind: 'sample';
  size: number;
  /** The same seed takes the same rows of the same input. Default 1. */
  seed?: number;
}

/** Takes rows of an input in one pass over it; in input order. `idOf` is asked for rows that an id is looked for in. */
export async function chooseRows(
  rows: AsyncIterable<SourceRow>,
  choice: Choice,
  idOf: (row: SourceRow) => string | undefined,
): Promise<SourceRow[]> {
  if (choice.kind === 'sample') return sampleRows(rows, choice);
  for await (const row of rows) {
    if (choice.kind === 'first') return [row];
    if (choice.kind === 'line' ? row.line === choice.line : idOf(row) === choice.id) return [row];
  }
  return [];
}

async function sampleRows(rows: AsyncIterable<SourceRow>, { size, seed }: Sample): Promise<SourceRow[]> {
  const sample = new Reservoir<SourceRow>(size, seed);
  for await (const row of rows) sample.add(row);
  return sample.items.sort((left, right) => left.index - right.index);
}
