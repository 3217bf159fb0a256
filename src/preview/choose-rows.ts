import type { SourceRow } from '../records/record.ts';

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

/** A reservoir: each row of the input is as likely to be taken as any other, however many there are (Vitter's algorithm R). */
async function sampleRows(rows: AsyncIterable<SourceRow>, { size, seed = 1 }: Sample): Promise<SourceRow[]> {
  const random = randomFrom(seed);
  const taken: SourceRow[] = [];
  let seen = 0;
  for await (const row of rows) {
    seen += 1;
    if (taken.length < size) taken.push(row);
    else {
      const place = Math.floor(random() * seen);
      if (place < size) taken[place] = row;
    }
  }
  return taken.sort((left, right) => left.index - right.index);
}

/** Mulberry32 (Tommy Ettinger, public domain): numbers from 0 to 1 that a seed decides. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = Math.trunc(state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
