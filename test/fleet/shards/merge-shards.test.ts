import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { CompletionClient } from '../../../src/completion/client.ts';
import { defineExtraction } from '../../../src/extraction/define-extraction.ts';
import type { Extraction } from '../../../src/extraction/definition.ts';
import { planIdsOf } from '../../../src/fleet/plan/plan-ids.ts';
import { mergeShards } from '../../../src/fleet/shards/merge-shards.ts';
import { ShardSource } from '../../../src/fleet/shards/shard-source.ts';
import { retryRejects } from '../../../src/run/retry-rejects.ts';
import { run } from '../../../src/run/run.ts';
import type { RunOptions } from '../../../src/run/run-options.ts';
import { temporaryDirectory } from '../../store/temporary-directory.ts';
import { completion } from '../../run/record/scripted-run.ts';

const note = defineExtraction({
  name: 'note',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ word: z.string() }),
  instructions: 'Say the word.',
  prompt: '{{text}}',
  id: 'id',
}) as unknown as Extraction;

/** Answers each record with its own text, and what it cannot say with nothing that fits. */
function echo(): CompletionClient {
  return {
    complete({ messages }) {
      const text = messages[1]?.content;
      const word = typeof text === 'string' && text.startsWith('bad') ? 1 : text;
      return Promise.resolve(completion({ content: JSON.stringify({ word }) }));
    },
  };
}

interface Prepared {
  directory: string;
  input: string;
  /** The run directories of the shards. */
  shards: string[];
}

const TEXT = ['id,text', 'a,one', 'b,"two', 'lines"', 'a,again', 'c,bad word', 'd', 'e,five', 'f,six', ''].join('\n');

async function runShards(
  count: number,
  {
    text = TEXT,
    chunkRows = 2,
    extraction = note,
    ...options
  }: Partial<RunOptions> & { text?: string; chunkRows?: number; extraction?: Extraction } = {},
): Promise<Prepared> {
  const directory = temporaryDirectory();
  const input = join(directory, 'input.csv');
  writeFileSync(input, text);
  const shards = [];
  for (let index = 0; index < count; index += 1) {
    const out = join(directory, `part-${index}`);
    shards.push(out);
    await run(extraction, {
      input: new ShardSource({
        path: input,
        shard: { index, count },
        out,
        chunkRows,
        reading: {},
        ids: planIdsOf(extraction),
      }),
      out,
      client: echo(),
      minRecords: 0,
      maxRejectRate: 0.9,
      ...options,
    });
  }
  return { directory, input, shards };
}

function linesOf(path: string): string[] {
  const index = (line: string): number => (JSON.parse(line) as { index: number }).index;
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .sort((left, right) => index(left) - index(right));
}

function filesOf(directory: string): { results: string[]; rejects: string[] } {
  return { results: linesOf(join(directory, 'results.jsonl')), rejects: linesOf(join(directory, 'rejects.jsonl')) };
}

describe('mergeShards', () => {
  test('makes the run directory that one process makes, with rows in order', async () => {
    const { directory, input, shards } = await runShards(3);
    const out = join(directory, 'merged');
    const usage = await mergeShards(shards.toReversed(), { out });
    const alone = join(directory, 'alone');
    const single = await run(note, { input, out: alone, client: echo(), maxRejectRate: 0.9 });
    expect(filesOf(out)).toEqual(filesOf(alone));
    expect(readFileSync(join(out, 'results.jsonl'), 'utf8')).toBe(`${filesOf(alone).results.join('\n')}\n`);
    const { startedAt: _start, endedAt: _end, wallMs: _wall, latencyMs: _latency, ...figures } = usage;
    expect(single).toMatchObject(figures);
    expect(usage.records).toMatchObject({ read: 7, extracted: 4, rejected: 3 });
    expect(readdirSync(out).sort()).toEqual(readdirSync(alone).sort());
    expect(readFileSync(join(out, 'profile.json'), 'utf8')).toBe(readFileSync(join(alone, 'profile.json'), 'utf8'));
    const ledger = readFileSync(join(out, 'attempts.jsonl'), 'utf8').split('\n').slice(0, -1);
    expect(ledger.map((line) => (JSON.parse(line) as { call: number }).call)).toEqual(ledger.map((_, at) => at + 1));
    // Nothing was left beside it.
    expect(readdirSync(directory).sort()).toEqual(['alone', 'input.csv', 'merged', 'part-0', 'part-1', 'part-2']);
  });

  test('gives a directory that the same run confirms and a retry goes on with', async () => {
    const { directory, input, shards } = await runShards(2);
    const out = join(directory, 'merged');
    await mergeShards(shards, { out });
    const silent: CompletionClient = { complete: () => Promise.reject(new Error('nothing is to be asked')) };
    const usage = await run(note, { input, out, client: silent });
    expect(usage).toMatchObject({ status: 'finished', records: { read: 7 } });
    const mended: CompletionClient = { complete: () => Promise.resolve(completion({ content: '{"word":"mended"}' })) };
    const retried = await retryRejects(note, { out, client: mended });
    expect(retried.records).toMatchObject({ extracted: 5, rejected: 2 });
  });

  test('merging again changes nothing; of shards that went on since, it is refused', async () => {
    const { directory, shards } = await runShards(2);
    const out = join(directory, 'merged');
    const first = await mergeShards(shards, { out });
    const text = readFileSync(join(out, 'run.json'), 'utf8');
    expect(await mergeShards(shards, { out })).toEqual(first);
    expect(readFileSync(join(out, 'run.json'), 'utf8')).toBe(text);
    const [shard = ''] = shards;
    await retryRejects(note, {
      out: shard,
      client: echo(),
      maxReasks: 0,
      codes: ['schema_violation'],
    });
    await expect(mergeShards(shards, { out })).rejects.toThrow('parts merged in another state');
  });

  test('any rows, in chunks and shards of any size, end as they do in one process', async () => {
    const row = fc.constantFrom('a,x', 'b,y', 'c,bad', 'd', '"e",\'', 'f,"1\n2"', ',z', 'g,h', 'i,"broken', 'j,k');
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 25 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        async (rows, chunkRows, count) => {
          const { directory, input, shards } = await runShards(count, {
            text: ['id,text', ...rows, ''].join('\n'),
            chunkRows,
          });
          const [out, alone] = [join(directory, 'merged'), join(directory, 'alone')];
          const usage = await mergeShards(shards, { out });
          const single = await run(note, { input, out: alone, client: echo(), maxRejectRate: 0.9 });
          expect(filesOf(out)).toEqual(filesOf(alone));
          expect([usage.records, usage.tokens, usage.exitCode]).toEqual([
            single.records,
            single.tokens,
            single.exitCode,
          ]);
          rmSync(directory, { recursive: true });
        },
      ),
      { numRuns: 8, examples: [[['a,x', 'i,"broken', 'a,x'], 1, 3]] },
    );
  });

  test('refuses shards that are missing, there twice or of another number, naming them', async () => {
    const { directory, shards } = await runShards(4);
    const out = join(directory, 'merged');
    const [a = '', b = '', c = ''] = shards;
    await expect(mergeShards([a, c], { out })).rejects.toThrow('shards 1/4, 3/4 are missing');
    await expect(mergeShards([a, b, c, a], { out })).rejects.toThrow(`shard 0/4 is there twice, in ${a} and ${a}`);
    const others = await runShards(2);
    await expect(mergeShards([a, others.shards[1] ?? ''], { out })).rejects.toThrow('is one of 4 shards');
    expect(existsSync(out)).toBe(false);
  });

  test('refuses a shard that is not finished, and a run that is no shard', async () => {
    const { directory, input, shards } = await runShards(2);
    const out = join(directory, 'merged');
    const [a = '', b = ''] = shards;
    const manifest = readFileSync(join(b, 'run.json'), 'utf8');
    writeFileSync(join(b, 'run.json'), manifest.replace('"status": "finished"', '"status": "interrupted"'));
    await expect(mergeShards(shards, { out })).rejects.toThrow(
      `shard 1/2 in ${b} is not finished, its run is interrupted`,
    );
    const alone = join(directory, 'alone');
    await run(note, { input, out: alone, client: echo() });
    await expect(mergeShards([a, alone], { out })).rejects.toThrow(`${alone} is the run directory of no shard`);
  });

  test('refuses shards of another input, another plan or another definition', async () => {
    const one = await runShards(2);
    const out = join(one.directory, 'merged');
    const [a = ''] = one.shards;
    const changed = await runShards(2, { text: `${TEXT}g,seven\n` });
    await expect(mergeShards([a, changed.shards[1] ?? ''], { out })).rejects.toThrow('it is of another plan');
    const smaller = await runShards(2, { chunkRows: 1 });
    await expect(mergeShards([a, smaller.shards[1] ?? ''], { out })).rejects.toThrow('it is of another plan');
    const other = await runShards(2, { extraction: { ...note, instructions: 'Shout the word.' } });
    await expect(mergeShards([a, other.shards[1] ?? ''], { out })).rejects.toThrow(
      `Cannot merge ${other.shards[1]} with ${a}: the instructions of the definition changed`,
    );
    expect(readdirSync(one.directory).sort()).toEqual(['input.csv', 'part-0', 'part-1']);
  });

  test('refuses a shard whose files lack a record, have one twice or do not add up', async () => {
    const { directory, shards } = await runShards(2);
    const out = join(directory, 'merged');
    const [a = '', b = ''] = shards;
    const kept = join(directory, 'kept');
    cpSync(b, kept, { recursive: true });
    const results = join(b, 'results.jsonl');
    const restore = (): void => cpSync(kept, b, { recursive: true });
    const lines = linesOf(results);

    writeFileSync(results, '');
    expect(lines).toHaveLength(1);
    await expect(mergeShards(shards, { out })).rejects.toThrow(/row 7 of chunk 3 has no end; looked in .*part-1/);
    restore();
    appendFileSync(results, `${lines[0]}\n`);
    await expect(mergeShards(shards, { out })).rejects.toThrow('has an end 2 times');
    restore();
    // A row of the other shard.
    appendFileSync(results, `${linesOf(join(a, 'results.jsonl'))[0]}\n`);
    await expect(mergeShards(shards, { out })).rejects.toThrow(
      'it ends the record in row 1, which is in no chunk of it',
    );
    restore();
    const ledger = readFileSync(join(b, 'attempts.jsonl'), 'utf8').split('\n');
    writeFileSync(join(b, 'attempts.jsonl'), ledger.slice(1).join('\n'));
    await expect(mergeShards(shards, { out })).rejects.toThrow(/says \d+ calls in usage.json, but its files hold \d+/);
    restore();
    expect(existsSync(out)).toBe(false);
    await mergeShards(shards, { out });
  });

  test('takes over what people said and what was set aside', async () => {
    const { directory, shards } = await runShards(2);
    for (const [at, shard] of shards.entries()) {
      writeFileSync(join(shard, 'labels.jsonl'), `{"id":"${at}"}\n`);
      writeFileSync(join(shard, 'superseded-1.results.jsonl'), `{"id":"${at}","fingerprint":"f${at}","index":${at}}\n`);
      mkdirSync(join(shard, 'images'));
      writeFileSync(join(shard, 'images', `00000${at}-1.png`), 'picture');
    }
    const out = join(directory, 'merged');
    await mergeShards(shards, { out });
    expect(readFileSync(join(out, 'labels.jsonl'), 'utf8')).toBe('{"id":"0"}\n{"id":"1"}\n');
    expect(readFileSync(join(out, 'superseded-1.results.jsonl'), 'utf8').split('\n')).toHaveLength(3);
    expect(readdirSync(join(out, 'images'))).toEqual(['000000-1.png', '000001-1.png']);
  });

  test('begins again after a merge that was killed', async () => {
    const { directory, shards } = await runShards(2);
    const out = join(directory, 'merged');
    const left = `${out}.merging`;
    mkdirSync(join(left, 'images'), { recursive: true });
    writeFileSync(join(left, 'results.jsonl'), '{"id":"torn');
    writeFileSync(join(left, 'run.json'), '{}');
    writeFileSync(join(left, 'inflight.jsonl'), '{"call":1}\n');
    const usage = await mergeShards(shards, { out });
    expect(usage.records).toMatchObject({ read: 7 });
    expect(readdirSync(directory).sort()).toEqual(['input.csv', 'merged', 'part-0', 'part-1']);
    expect(existsSync(join(out, 'images'))).toBe(false);
  });

  test('clears up after one that was killed behind its last step', async () => {
    const { directory, shards } = await runShards(2);
    const out = join(directory, 'merged');
    await mergeShards(shards, { out });
    mkdirSync(`${out}.merging`);
    writeFileSync(join(`${out}.merging`, 'run.lock'), '{}');
    expect(await mergeShards(shards, { out })).toMatchObject({ records: { read: 7 } });
    expect(readdirSync(directory).sort()).toEqual(['input.csv', 'merged', 'part-0', 'part-1']);
  });

  test('keeps what is in the directory that it is to write', async () => {
    const { directory, shards } = await runShards(1);
    const out = join(directory, 'mine');
    mkdirSync(out);
    writeFileSync(join(out, 'letter.txt'), 'Dear Sir');
    await expect(mergeShards(shards, { out })).rejects.toThrow(
      `Cannot merge into ${out}: there are files in it already`,
    );
    rmSync(join(out, 'letter.txt'));
    await mergeShards(shards, { out });
    expect(existsSync(join(out, 'usage.json'))).toBe(true);
  });
});
