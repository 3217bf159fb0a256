import { describe, expect, test } from 'vitest';
import type { InputSource } from '../../src/records/input-source.ts';
import type { SourceRow } from '../../src/records/record.ts';

/** The ids of the records that a subject holds, each in the field `id`. */
export const ids: readonly string[] = Array.from({ length: 60 }, (_, index) => `r${index}`);

/** What every input of a run must do. `create` gives a source over the records of `ids`, in this order. */
export function describeInputSource(name: string, create: () => InputSource | Promise<InputSource>): void {
  describe(`${name} is an input`, () => {
    test('gives its rows in order, each with its place and with what it holds', async () => {
      const rows = await all(await create());
      expect(rows.map(({ index }) => index)).toEqual(ids.map((_, index) => index));
      expect(rows.map(idOf)).toEqual(ids);
      const lines = rows.map(({ line }) => line);
      expect(lines).toEqual(lines.toSorted((left, right) => left - right));
    });

    test('has a name for people', async () => {
      const { name: shown } = await create();
      expect(shown).toMatch(/\S/);
      expect(shown).not.toContain('swordfish');
    });

    test('can be opened again where it says so: with the same rows, under the same identity, after a reading that was left', async () => {
      const source = await create();
      if (!source.canReopen) return;
      const identity = await source.identity();
      for await (const row of await source.open()) if (row.index === 3) break;
      expect((await all(source)).map(idOf)).toEqual(ids);
      expect((await all(source)).map(idOf)).toEqual(ids);
      expect(await source.identity()).toEqual(identity);
    });

    test('may leave the fields of rows that are known out, and no row', async () => {
      const source = await create();
      const reading = { isKnown: (index: number) => index % 2 === 0 };
      const rows: SourceRow[] = [];
      for await (const row of await source.open(undefined, reading)) rows.push(row);
      expect(rows.map(({ index }) => index)).toEqual(ids.map((_, index) => index));
      const unknown = rows.filter(({ index }) => !reading.isKnown(index));
      expect(unknown.map(idOf)).toEqual(ids.filter((_, index) => !reading.isKnown(index)));
    });

    test('ends with the reason of the signal that aborts, before the reading and within it', async () => {
      const reason = new Error('enough');
      const before = new AbortController();
      before.abort(reason);
      const early = await create();
      await expect(all(early, before.signal)).rejects.toBe(reason);

      const within = new AbortController();
      const source = await create();
      const read = async (): Promise<void> => {
        for await (const row of await source.open(within.signal)) if (row.index === 1) within.abort(reason);
      };
      await expect(read()).rejects.toBe(reason);
    });
  });
}

async function all(source: InputSource, signal?: AbortSignal): Promise<SourceRow[]> {
  const rows: SourceRow[] = [];
  for await (const row of await source.open(signal)) rows.push(row);
  return rows;
}

function idOf(row: SourceRow): unknown {
  return row.kind === 'record' ? row.fields['id'] : row.message;
}
