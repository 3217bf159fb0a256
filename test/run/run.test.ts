import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ApiError } from '../../src/completion/api-error.ts';
import type { CompletionClient } from '../../src/completion/client.ts';
import { readResults } from '../../src/export/read-run.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import type { InputSource } from '../../src/records/input-source.ts';
import { memoryRows } from '../../src/records/memory-rows.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { retryRejects } from '../../src/run/retry-rejects.ts';
import { run } from '../../src/run/run.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { completion } from './record/scripted-run.ts';

const note = defineExtraction({
  name: 'note',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ word: z.string() }),
  instructions: 'Say the word.',
  prompt: '{{text}}',
  id: 'id',
});

/** Counts its calls, and answers each record with its own text. */
function echo(): CompletionClient & { calls: number } {
  const client = {
    calls: 0,
    complete({ messages }: Parameters<CompletionClient['complete']>[0]) {
      client.calls += 1;
      return Promise.resolve(completion({ content: JSON.stringify({ word: messages.at(-1)?.content }) }));
    },
  };
  return client;
}

const notes = Array.from({ length: 5 }, (_, at) => ({ id: `n${at}`, text: `word ${at}` }));

async function words(out: string): Promise<string[]> {
  const found: string[] = [];
  for await (const row of readResults(note, out)) found.push(row.data.word);
  return found;
}

test('records of a program are an input, and the same ones again continue the run', async () => {
  const out = join(temporaryDirectory(), 'run');
  const client = echo();
  const first = await run(note, { input: notes, out, client, limit: 3 });
  expect(first.records).toMatchObject({ extracted: 3 });
  async function* later() {
    yield* notes;
  }
  const second = await run(note, { input: later(), out, client });
  expect(second.records).toMatchObject({ read: 5, extracted: 5, remaining: 0 });
  expect(client.calls).toBe(5);
  expect(await words(out)).toEqual(['word 0', 'word 1', 'word 2', 'word 3', 'word 4']);
  expect(readFileSync(join(out, 'run.json'), 'utf8')).toContain('"input": "records in memory"');
});

test('to confirm a finished run takes no credentials; to go on with one does', async () => {
  const out = join(temporaryDirectory(), 'run');
  await run(note, { input: notes, out, client: echo(), limit: 3 });
  const loggedOut = { ...echo(), prepare: () => Promise.reject(new Error('no credentials')) };
  expect(await run(note, { input: notes, out, client: loggedOut, limit: 3 })).toMatchObject({ status: 'finished' });
  expect(await retryRejects(note, { out, client: loggedOut })).toMatchObject({ status: 'finished' });
  const byJobs = { out, client: loggedOut, lane: { way: 'batch' as const } };
  await expect(retryRejects(note, byJobs)).rejects.toThrow('rejects are asked again call by call; leave "lane" out');
  await expect(run(note, { input: notes, out, client: loggedOut })).rejects.toThrow('no credentials');
});

test('a directory that holds something else is refused and left as it was; one that is empty to people is taken', async () => {
  const root = temporaryDirectory();
  const client = echo();
  const put = (directory: string, names: readonly string[], text = 'x'): string => {
    const path = join(root, directory);
    mkdirSync(path);
    for (const name of names) writeFileSync(join(path, name), text);
    return path;
  };
  const start = (out: string) => run(note, { input: notes, out, client });
  const photos = put('photos', ['d.jpg', 'a.jpg', 'b.jpg', 'c.jpg', '.DS_Store']);
  await expect(start(photos)).rejects.toThrow(
    `Cannot use ${photos} as a run directory: it holds a.jpg, b.jpg, c.jpg and 1 more, and no run.json of a run`,
  );
  // Results without their run are somebody's, too.
  const results = put('results', ['results.jsonl']);
  await expect(start(results)).rejects.toThrow('it holds results.jsonl, and no run.json');
  expect([photos, results].map((path) => readdirSync(path).length)).toEqual([5, 1]);
  expect(client.calls).toBe(0);

  const clean = put('clean', ['.gitkeep', '.DS_Store']);
  // A process was killed before it wrote run.json.
  const begun = put('begun', ['results.jsonl', 'rejects.jsonl', 'attempts.jsonl', 'run.json.tmp', 'run.lock.x'], '');
  for (const out of [clean, begun]) expect((await start(out)).records).toMatchObject({ extracted: 5 });
});

test('the time of a session that was killed counts as far as its calls tell', async () => {
  const root = temporaryDirectory();
  const [whole, killed] = [join(root, 'whole'), join(root, 'killed')];
  await run(note, {
    input: notes,
    out: whole,
    client: echo(),
    concurrency: 1,
    onEvent: (event) => {
      // What a kill leaves is what stands there at that moment.
      if (event.type === 'record-end' && event.index === 3) cpSync(whole, killed, { recursive: true });
    },
  });
  rmSync(join(killed, 'run.lock'));
  const path = join(killed, 'run.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { sessions: { startedAt: string }[] };
  const [session] = manifest.sessions;
  // The last that is known of it is the end of a call, or that another was sent.
  const calls = ['attempts.jsonl', 'inflight.jsonl'].flatMap((name) =>
    readFileSync(join(killed, name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { at: string; latencyMs?: number }),
  );
  const ended = Math.max(...calls.map(({ at, latencyMs = 0 }) => Date.parse(at) + latencyMs));
  if (session === undefined) throw new Error('The copy has no session');
  // An hour before that.
  session.startedAt = new Date(ended - 3_600_000).toISOString();
  writeFileSync(path, JSON.stringify(manifest));

  const { wallMs, records } = await run(note, { input: notes, out: killed, client: echo() });
  expect(records.extracted).toBe(5);
  const { sessions } = JSON.parse(readFileSync(path, 'utf8')) as { sessions: { wallMs: number }[] };
  expect(sessions[0]?.wallMs).toBe(3_600_000);
  expect(wallMs).toBe(3_600_000 + (sessions[1]?.wallMs ?? Number.NaN));
});

test('a source of ones own tells whether its contents are others now', async () => {
  const out = join(temporaryDirectory(), 'run');
  const client = echo();
  const source = (generation: number): InputSource => ({
    name: 'table',
    canReopen: true,
    identity: () => Promise.resolve({ generation }),
    open: () =>
      Promise.resolve({ format: 'jsonl', columns: undefined, [Symbol.asyncIterator]: () => memoryRows(notes) }),
  });
  await run(note, { input: source(1), out, client });
  await expect(run(note, { input: source(2), out, client })).rejects.toMatchObject({ code: 'run-differs' });
  await run(note, { input: source(1), out, client });
  expect(client.calls).toBe(5);
});

test('events tell of the run from its start to its end, without contents', async () => {
  const events: RunEvent[] = [];
  const input = [...notes, { id: 'n0', text: 'word again' }];
  const out = join(temporaryDirectory(), 'run');
  await run(note, { input, out, client: echo(), onEvent: (event) => events.push(event) });
  const types = events.map(({ type }) => type);
  expect([types[0], types.at(-1)]).toEqual(['run-start', 'session-end']);
  expect(types.filter((type) => type === 'record-end')).toHaveLength(6);
  expect(types.filter((type) => type === 'call-end')).toHaveLength(5);
  expect(JSON.stringify(events)).not.toContain('word');
});

test('confirming a finished run mends reports that a kill has left wrong, and calls nothing', async () => {
  const out = join(temporaryDirectory(), 'run');
  const client = echo();
  await run(note, { input: notes, out, client });
  const usage = readFileSync(join(out, 'usage.json'), 'utf8');
  writeFileSync(join(out, 'usage.json'), usage.replace('"extracted": 5', '"extracted": 2'));
  rmSync(join(out, 'report.html'));
  await run(note, { input: notes, out, client });
  expect(readFileSync(join(out, 'usage.json'), 'utf8')).toBe(usage);
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('</html>');
  expect(client.calls).toBe(5);
});

test('a long wait that the service asks for is announced with the time of the next call, once', async () => {
  const out = join(temporaryDirectory(), 'run');
  const notices: string[] = [];
  const stopping = new AbortController();
  const client: CompletionClient = {
    complete: () =>
      Promise.reject(new ApiError('Too many requests', { kind: 'status', status: 429, retryAfterMs: 600_000 })),
  };
  const summary = await run(note, {
    input: notes,
    out,
    client,
    stopSignal: stopping.signal,
    onNotice: (notice) => {
      notices.push(notice);
      if (notice.includes('wait')) setTimeout(() => stopping.abort(new Error('enough')), 20);
    },
  });
  expect(summary.status).toBe('interrupted');
  const announced = notices.filter((notice) => notice.includes('the next call goes out at'));
  expect(announced).toHaveLength(1);
});

test('an edited refinement of a schema in a program is code of the definition, without a digest of its source', async () => {
  const out = join(temporaryDirectory(), 'run');
  const client = echo();
  const checked = (least: number) =>
    defineExtraction({
      ...note,
      // Each as a program would have it before and after an edit.
      schema: z.object({
        word: least === 1 ? z.string().refine((word) => word.length > 1) : z.string().refine((word) => word.length > 2),
      }),
    });
  await run(checked(1), { input: notes, out, client, limit: 3 });
  await expect(run(checked(2), { input: notes, out, client })).rejects.toThrow('the code of the definition changed');
  await run(checked(2), { input: notes, out, client, acceptChanges: true });
  expect(client.calls).toBe(5);
});

test('where zod hides the code of a check, continuing says that its edits are not seen', async () => {
  const out = join(temporaryDirectory(), 'run');
  const client = echo();
  const hidden = defineExtraction({ ...note, schema: z.object({ word: z.string().superRefine(() => undefined) }) });
  const notices: string[] = [];
  const onNotice = (notice: string): void => void notices.push(notice);
  await run(hidden, { input: notes, out, client, limit: 3, onNotice });
  expect(notices.join()).not.toContain('zod hides');
  await run(hidden, { input: notes, out, client, limit: 4, onNotice });
  expect(notices.join()).toContain('zod hides the code of one on "word"');
  notices.length = 0;
  await run(hidden, { input: notes, out: `${out}-2`, client, limit: 3, definitionDigest: 'a', onNotice });
  await run(hidden, { input: notes, out: `${out}-2`, client, definitionDigest: 'a', onNotice });
  expect(notices.join()).not.toContain('zod hides');
});

test('records of a program have the type that the definition reads', async () => {
  interface Advert {
    id: string;
    text: string;
  }
  const advert = defineExtraction({ ...note, prompt: ({ text }: Advert) => text, id: 'id' });
  const adverts: Advert[] = [{ id: 'a', text: 'word' }];
  const client = echo();
  const { records } = await run(advert, { input: adverts, out: join(temporaryDirectory(), 'run'), client });
  expect(records.extracted).toBe(1);
  const begin = () =>
    // @ts-expect-error: no text to read
    run(advert, { input: [{ id: 'a', body: 'word' }], out: join(temporaryDirectory(), 'run'), client });
  // Nor at work: what fails for every record is a mistake of the definition, or of whoever gives it such records.
  expect(await begin()).toMatchObject({ status: 'refused', reason: expect.stringContaining('must return text') });
});

test('what has ended is not rendered again where input and definition are the same files, and is where nobody can tell', async () => {
  const directory = temporaryDirectory();
  const input = join(directory, 'notes.jsonl');
  // A thousand, and the last of them, are looked at all the same.
  const count = 4000;
  const lines = Array.from({ length: count }, (_, at) => `${JSON.stringify({ id: `n${at}`, text: `word ${at}` })}\n`);
  writeFileSync(input, lines.join(''));
  let rendered = 0;
  const counting = defineExtraction({
    ...note,
    model: 'google/gemini-test',
    prompt: ({ text }: { text: string }) => {
      rendered += 1;
      return text;
    },
  });
  const renderings = async (out: string, digest: { definitionDigest?: string }): Promise<number> => {
    const client = echo();
    const options = { input, out: join(directory, out), client, concurrency: 50, ...digest };
    await run(counting, { ...options, limit: count - 10 });
    rendered = 0;
    const summary = await run(counting, options);
    expect(summary.records).toMatchObject({ read: count, extracted: count, rejected: 0, remaining: 0 });
    expect(summary.calls.sent).toBe(count);
    expect(client.calls).toBe(count);
    return rendered;
  };
  expect(await renderings('known', { definitionDigest: 'of today' })).toBeLessThan(count / 2);
  expect(await renderings('unknown', {})).toBe(count);
});

test('a run that goes on begins with what it had found the service to bear, half of it', async () => {
  const out = join(temporaryDirectory(), 'run');
  const many = Array.from({ length: 400 }, (_, at) => ({ id: `n${at}`, text: `word ${at}` }));
  const limits: number[] = [];
  const session = (limit: number) =>
    run(note, {
      input: many,
      out,
      client: echo(),
      concurrency: 300,
      limit,
      onStart: (progress) => limits.push(progress.concurrencyLimit),
    });
  await session(200);
  const { sessions } = JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')) as {
    sessions: { callsInFlight: number }[];
  };
  // Not the 300 that were allowed: so many calls there were not.
  const borne = sessions[0]?.callsInFlight ?? 0;
  expect(borne).toBeGreaterThan(64);
  expect(borne).toBeLessThanOrEqual(200);
  await session(400);
  expect(limits).toEqual([32, Math.floor(borne / 2)]);
});
