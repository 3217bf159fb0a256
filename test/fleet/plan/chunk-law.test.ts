import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRecords } from '../../../src/records/open-records.ts';
import type { SourceRow } from '../../../src/records/record.ts';
import { ChunkSource } from '../../../src/fleet/plan/chunk-source.ts';
import type { PlanReading } from '../../../src/fleet/plan/plan-lines.ts';
import { planInput } from '../../../src/fleet/plan/plan-input.ts';

let directory: string;
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'gleaner-chunks-'))));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function collect(rows: AsyncIterable<SourceRow>): Promise<SourceRow[]> {
  const collected: SourceRow[] = [];
  for await (const row of rows) collected.push(row);
  return collected;
}

/** What reading gives, or why it fails. */
async function outcomeOf(read: () => Promise<unknown>): Promise<unknown> {
  try {
    return await read();
  } catch (error) {
    return (error as Error).message;
  }
}

let inputs = 0;

/** Holds the rows of each chunk, one after the other, against those of the whole input. */
async function compare(
  bytes: Buffer,
  reading: PlanReading & { format: 'csv' | 'jsonl' },
  chunkRows: number,
): Promise<void> {
  inputs += 1;
  const path = join(directory, `${inputs}.${reading.format}`);
  writeFileSync(path, bytes);
  const whole = await outcomeOf(async () =>
    collect(await openRecords(path, reading as Parameters<typeof openRecords>[1])),
  );
  const parts = await outcomeOf(async () => {
    const plan = await planInput(path, { file: `${path}.plan`, reading, chunkRows, ids: { rule: null } });
    const rows: SourceRow[] = [];
    let end: number | undefined;
    for (const { chunk, start, end: next, ...planned } of plan.chunks()) {
      if (end !== undefined) expect(start).toBe(end);
      end = next;
      const source = new ChunkSource({ path, plan, chunks: [chunk], part: chunk });
      const found = await collect(await source.open());
      expect(found).toHaveLength(planned.rows);
      rows.push(...found);
    }
    expect(end ?? bytes.length).toBe(bytes.length);
    expect(plan.end).toMatchObject({ rows: rows.length, input: { bytes: bytes.length } });
    const all = new ChunkSource({ path, plan, chunks: [...plan.chunks()].map(({ chunk }) => chunk), part: 'all' });
    expect(await collect(await all.open())).toEqual(rows);
    return rows;
  });
  expect(parts).toEqual(whole);
  rmSync(path);
  rmSync(`${path}.plan`, { force: true });
}

const MARK = '\ufeff';
const csvText = fc
  .tuple(
    fc.constantFrom('', MARK, 'sep=;\n', 'sep=;\r\n', `${MARK}sep=,\n`, '\n\n'),
    fc.constantFrom('a,b', 'a;b', '"a\n1",b', 'a'),
    fc.constantFrom('\n', '\r\n', '\r', '\r\r\n'),
    fc.array(
      fc.constantFrom(
        'x',
        'é',
        '€',
        ',',
        ';',
        '"',
        '""',
        '"q"',
        '"p, q"',
        '"l\nm"',
        '"l\r\nm"',
        '\n',
        '\n',
        '\r\n',
        '\r',
        ' ',
        '\t',
        'x,y\n',
        '1;2\n',
        '"x","y"\n',
        '"x\ny",z\n',
        'a,b\n',
        `${MARK}a,b\n`,
        ',\n',
        `${MARK}1,2\n`,
      ),
      { maxLength: 60 },
    ),
  )
  .map(([before, header, lineEnd, tokens]) => before + header + lineEnd + tokens.join(''));

describe('the rows of all chunks of a plan are those of the whole input', () => {
  test('CSV in UTF-8, however it is quoted, marked and broken', async () => {
    await fc.assert(
      fc.asyncProperty(
        csvText,
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        async (text, chunkRows, fillShortRows) => {
          await compare(Buffer.from(text), { format: 'csv', fillShortRows }, chunkRows);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('CSV in other encodings', async () => {
    const encoders: Record<string, (text: string) => Buffer> = {
      'windows-1252': (text) => Buffer.from(text.replaceAll(MARK, 'ï»¿').replaceAll('€', '\x80'), 'latin1'),
      'utf-16le': (text) => Buffer.from(text, 'utf16le'),
      'utf-16be': (text) => Buffer.from(text, 'utf16le').swap16(),
      gb18030: (text) => Buffer.concat([...text].map((letter) => GB18030[letter] ?? Buffer.from(letter, 'latin1'))),
    };
    await fc.assert(
      fc.asyncProperty(
        csvText,
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(...Object.keys(encoders)),
        async (text, chunkRows, encoding) => {
          await compare(encoders[encoding]?.(text) ?? Buffer.alloc(0), { format: 'csv', encoding }, chunkRows);
        },
      ),
      { numRuns: 120 },
    );
  });

  test('JSON lines', async () => {
    const lines = fc.array(
      fc.constantFrom(
        '{"a":1}',
        '{"a":"x\\ny"}',
        '{"a":',
        '[1]',
        '',
        ' ',
        `${MARK}{"a":2}`,
        '{"a":1}\r',
        '{"é":"€"}',
        'x',
      ),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(lines, fc.boolean(), fc.integer({ min: 1, max: 4 }), async (rows, isOpen, chunkRows) => {
        await compare(Buffer.from(rows.join('\n') + (isOpen ? '' : '\n')), { format: 'jsonl' }, chunkRows);
      }),
      { numRuns: 60 },
    );
  });

  test('rows that reach over many reads, in an encoding of two bytes a letter', async () => {
    const long = `"${'long text\n'.repeat(20_000)}"`;
    const text = `a,b\n${`1,${long}\n2,x\n`.repeat(3)}`;
    await compare(Buffer.from(text, 'utf16le'), { format: 'csv', encoding: 'utf-16le' }, 2);
    await compare(Buffer.from(text), { format: 'csv' }, 2);
  });
});

const GB18030: Record<string, Buffer> = {
  é: Buffer.from([0xa8, 0xa6]),
  '€': Buffer.from([0xa2, 0xe3]),
  // Four bytes, of which two are ASCII digits.
  [MARK]: Buffer.from([0x84, 0x31, 0x95, 0x33]),
};
