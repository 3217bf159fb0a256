import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { CompletionClient } from '../../../src/completion/client.ts';
import { defineExtraction } from '../../../src/extraction/define-extraction.ts';
import { FilePartStore } from '../../../src/fleet/parts/file-part-store.ts';
import { mergeRun } from '../../../src/fleet/parts/merge-run.ts';
import type { PartStore } from '../../../src/fleet/parts/part-store.ts';
import { demandOwnMerge } from '../../../src/fleet/parts/replace-merge.ts';
import { runChunk } from '../../../src/fleet/parts/run-chunk.ts';
import { planIdsOf } from '../../../src/fleet/plan/plan-ids.ts';
import { planInput } from '../../../src/fleet/plan/plan-input.ts';
import type { Plan } from '../../../src/fleet/plan/plan.ts';
import { run } from '../../../src/run/run.ts';
import { fileNames } from '../../../src/store/run-directory.ts';
import { HeldDirectory } from '../../../src/store/held-directory.ts';
import { completion } from '../../run/record/scripted-run.ts';
import { temporaryDirectory } from '../../store/temporary-directory.ts';

const note = defineExtraction({
  name: 'note',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ word: z.string() }),
  instructions: 'Say the word.',
  prompt: '{{text}}',
  id: 'id',
});

const client: CompletionClient = {
  complete: ({ messages }) =>
    Promise.resolve(completion({ content: JSON.stringify({ word: messages.at(-1)?.content }) })),
};

const ROWS = 12;
let directory: string;
let input: string;
let out: string;
let plan: Plan;
let store: FilePartStore;

beforeEach(async () => {
  directory = temporaryDirectory();
  input = join(directory, 'notes.jsonl');
  out = join(directory, 'run');
  const rows = Array.from({ length: ROWS }, (_, at) => `${JSON.stringify({ id: `n${at}`, text: `word ${at}` })}\n`);
  writeFileSync(input, rows.join(''));
  store = new FilePartStore(join(directory, 'run.fleet'));
  mkdirSync(store.name);
  plan = await planInput(input, {
    file: join(store.name, 'plan.jsonl'),
    reading: {},
    chunkRows: 4,
    ids: planIdsOf(note),
  });
  for (let chunk = 0; chunk < plan.end.chunks; chunk += 1) {
    const work = { store, plan, chunk, input, extraction: note, definitionDigest: 'digest', worker: 'test' };
    await runChunk({ ...work, from: undefined, options: { client, concurrency: 1 } });
  }
});

function merge(other: PartStore = store): ReturnType<typeof mergeRun> {
  return mergeRun({ store: other, plan, out, limits: { maxRejectRate: 0, minRecords: 1 } });
}

/** As a worker does that was frozen while its chunk was done by another, and the run was merged. */
function payLate(): void {
  const [part = ''] = readdirSync(join(store.name, 'parts')).filter((name) => name.startsWith('000000.a'));
  const late = join(store.name, 'parts', '000000.a7');
  mkdirSync(late);
  writeFileSync(join(late, 'begin.json'), readFileSync(join(store.name, 'parts', part, 'begin.json')));
  const [line = ''] = readFileSync(join(store.name, 'parts', part, fileNames.attempts), 'utf8').split('\n');
  appendFileSync(join(late, fileNames.attempts), `${line}\n`);
}

const sent = (): number =>
  (JSON.parse(readFileSync(join(out, fileNames.usage), 'utf8')) as { calls: { sent: number } }).calls.sent;
const leftovers = (): string[] => readdirSync(directory).filter((name) => /\.(?:merging|anew|replaced)/.test(name));

describe('a merge', () => {
  test('of several at once makes one run and leaves nothing beside it', async () => {
    const ends = await Promise.allSettled([merge(), merge(), merge()]);
    expect(ends.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    for (const end of ends) if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'run-locked' });
    await merge();
    expect(sent()).toBe(ROWS);
    expect(readFileSync(join(out, fileNames.results), 'utf8').trimEnd().split('\n')).toHaveLength(ROWS);
    expect(readdirSync(out)).not.toContain('run.lock');
    expect(leftovers()).toEqual([]);
  });

  test('that is another worker’s by now is given up, and leaves nothing', async () => {
    const lost = new AbortController();
    const slow = new FilePartStore(store.name);
    slow.fetchPart = (part) => {
      setImmediate(() => lost.abort(new Error('another worker has it')));
      return store.fetchPart(part);
    };
    const limits = { maxRejectRate: 0, minRecords: 1 };
    const given = mergeRun({ store: slow, plan, out, limits, signal: lost.signal });
    await expect(given).rejects.toThrow('another worker has it');
    expect(existsSync(out)).toBe(false);
    expect(leftovers()).toEqual([]);
    await merge();
    expect(sent()).toBe(ROWS);
  });

  test('goes where a link to an empty directory leads', async () => {
    mkdirSync(join(directory, 'real'));
    symlinkSync(join(directory, 'real'), out);
    await merge();
    payLate();
    await merge();
    expect(readdirSync(join(directory, 'real'))).toContain(fileNames.results);
    expect(sent()).toBe(ROWS + 1);
    expect(leftovers()).toEqual([]);
  });

  test('takes in what was paid after it', async () => {
    await merge();
    payLate();
    await merge();
    expect(sent()).toBe(ROWS + 1);
    expect(leftovers()).toEqual([]);
  });

  test('does not replace a run on which somebody is at work', async () => {
    await merge();
    payLate();
    const held = await HeldDirectory.take(out, { lockName: fileNames.lock });
    await expect(merge()).rejects.toMatchObject({ code: 'run-locked' });
    held.release();
    expect(sent()).toBe(ROWS);
    await merge();
    expect(sent()).toBe(ROWS + 1);
  });

  test('does not replace a run of which a reviewer says something meanwhile', async () => {
    await merge();
    payLate();
    const label = '{"id":"n1"}\n';
    const usage = await merge(
      // The last thing that is read of the parts before the run gets its place.
      Object.assign(Object.create(store) as PartStore, {
        name: store.name,
        create: (name: string, content: string) => {
          writeFileSync(join(out, fileNames.labels), label);
          return FilePartStore.prototype.create.call(store, name, content);
        },
        read: (name: string) => store.read(name),
        list: (prefix: string) => store.list(prefix),
        lengthsOf: (part: string) => store.lengthsOf(part),
        fetchPart: (part: string) => store.fetchPart(part),
      }),
    );
    expect(usage.calls.sent).toBe(ROWS);
    expect(readFileSync(join(out, fileNames.labels), 'utf8')).toBe(label);
    expect(leftovers()).toEqual([]);
  });

  test('made again leaves what others have put beside it', async () => {
    await merge();
    const theirs = ['evidence.jsonl', 'receipts.csv', 'notes/mine.txt'].map((name) => join(out, name));
    mkdirSync(join(out, 'notes'));
    for (const file of theirs) writeFileSync(file, 'theirs');
    payLate();
    await merge();
    expect(sent()).toBe(ROWS + 1);
    for (const file of theirs) expect(readFileSync(file, 'utf8')).toBe('theirs');
    expect(leftovers()).toEqual([]);
  });

  test('that is killed while its files get their places is made again', async () => {
    await merge();
    payLate();
    const manifest = readFileSync(join(out, fileNames.manifest));
    await merge();
    // As if run.json, which comes last, had not got there.
    writeFileSync(join(out, fileNames.manifest), manifest);
    writeFileSync(join(out, fileNames.attempts), 'torn');
    await merge();
    expect(sent()).toBe(ROWS + 1);
    expect(readFileSync(join(out, fileNames.attempts), 'utf8').trimEnd().split('\n')).toHaveLength(ROWS + 1);
    expect(leftovers()).toEqual([]);
  });

  test('into a directory with something else in it is refused, and what is there stays', async () => {
    await run(note, { input, out, client });
    const before = readFileSync(join(out, fileNames.usage), 'utf8');
    const what = `into ${out}: another run stands in it already`;
    await expect(merge()).rejects.toThrow(`Cannot merge ${what}`);
    await expect(demandOwnMerge(store, out, 'submit')).rejects.toThrow(`Cannot submit ${what}`);
    expect(readFileSync(join(out, fileNames.usage), 'utf8')).toBe(before);
    out = join(directory, 'mine');
    mkdirSync(out);
    await merge();
    out = join(directory, 'letters');
    mkdirSync(out);
    writeFileSync(join(out, 'letter.txt'), 'Dear Sir');
    await expect(merge()).rejects.toThrow(`Cannot merge into ${out}: there are files in it already`);
    expect(existsSync(join(out, 'letter.txt'))).toBe(true);
  });
});
