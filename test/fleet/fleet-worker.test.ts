import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import type { CompletionClient } from '../../src/completion/client.ts';
import type { ChatRequest } from '../../src/completion/request.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { createBudget } from '../../src/accounting/create-budget.ts';
import type { Budget } from '../../src/accounting/budget.ts';
import { runChunk } from '../../src/fleet/parts/run-chunk.ts';
import { openFleetPool, type FleetPool } from '../../src/fleet/pool/open-pool.ts';
import { openPoolReader } from '../../src/fleet/pool/pool-reader.ts';
import { returnClaims } from '../../src/fleet/queue/return-claims.ts';
import { FilePartStore } from '../../src/fleet/parts/file-part-store.ts';
import { demandOwnMerge } from '../../src/fleet/parts/replace-merge.ts';
import { mergeRun } from '../../src/fleet/parts/merge-run.ts';
import { NO_LENGTHS } from '../../src/fleet/parts/part-names.ts';
import { claimAttempt, writeBegin } from '../../src/fleet/parts/notes.ts';
import { planIdsOf } from '../../src/fleet/plan/plan-ids.ts';
import { ChunkQueue } from '../../src/fleet/queue/chunk-queue.ts';
import { FleetWorker, type FleetWorkerOptions } from '../../src/fleet/queue/fleet-worker.ts';
import type { WorkerRun } from '../../src/fleet/queue/worker-run.ts';
import { findOpenChunks } from '../../src/fleet/queue/open-chunks.ts';
import { connectQueue } from '../../src/fleet/queue/queue-connection.ts';
import { Outage } from '../../src/fleet/queue/outage.ts';
import { latestCaps, type Submission } from '../../src/fleet/queue/submission.ts';
import { fetchPlan, submitRun, type Submitted } from '../../src/fleet/queue/submit-run.ts';
import { withdrawRun } from '../../src/fleet/queue/withdraw-run.ts';
import type { JsonObject } from '../../src/json/value.ts';
import { GleanerError } from '../../src/gleaner-error.ts';
import { completion } from '../run/record/scripted-run.ts';
import { startRedis, whyNoRedis, type RedisServer } from './redis-server.ts';

const note = defineExtraction({
  name: 'note',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ word: z.string() }),
  instructions: 'Say the word.',
  prompt: '{{text}}',
  id: 'id',
  request: { maxTokens: 1000, thinking: { budget: 0 } },
});

const ROWS = 60;
const CHUNK_ROWS = 10;
const LOCK_MS = 1000;

describe.skipIf(whyNoRedis !== undefined)('a fleet', () => {
  let redis: RedisServer;
  let directory: string;
  let store: FilePartStore;
  const asked: string[] = [];
  const notices: string[] = [];
  const queues: ChunkQueue[] = [];

  beforeEach(async () => {
    asked.length = 0;
    notices.length = 0;
    redis = await startRedis({ appendOnly: false });
    directory = mkdtempSync(join(tmpdir(), 'gleaner-fleet-'));
    store = new FilePartStore(join(directory, 'run.fleet'));
    const rows = Array.from({ length: ROWS }, (_, at) => `${JSON.stringify({ id: `n${at}`, text: `word ${at}` })}\n`);
    writeFileSync(join(directory, 'notes.jsonl'), rows.join(''));
  });
  afterEach(async () => {
    for (const queue of queues.splice(0)) await queue.close();
    await redis.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function openQueue(lockMs = LOCK_MS): Promise<ChunkQueue> {
    const queue = await ChunkQueue.open({ url: redis.url }, { lockMs });
    queues.push(queue);
    return queue;
  }

  async function submit(digest = 'digest', settings: JsonObject = {}): Promise<Submitted> {
    return submitRun({
      store,
      queue: await openQueue(),
      outage: new Outage({ name: 'the pool', waitMs: 0 }),
      definition: { reference: 'note', name: 'note', digest },
      input: join(directory, 'notes.jsonl'),
      out: join(directory, 'run'),
      demandOwn: async () => (await demandOwnMerge(store, join(directory, 'run'), 'submit')) !== undefined,
      plan: { reading: {}, chunkRows: CHUNK_ROWS, ids: planIdsOf(note) },
      answers: {},
      settings,
    });
  }

  function echo(before: (text: string) => Promise<void> | void = () => undefined): CompletionClient {
    return {
      async complete({ messages }: ChatRequest) {
        const text = String(messages.at(-1)?.content);
        asked.push(text);
        await before(text);
        return completion({ content: JSON.stringify({ word: text }) });
      },
    };
  }

  async function openRun({ plan, input, out, definition }: Submission, client: CompletionClient): Promise<WorkerRun> {
    const planned = await fetchPlan(store, plan, join(directory, `plan.${Math.random()}`));
    return {
      store,
      plan: planned,
      input,
      extraction: note,
      definitionDigest: definition.digest,
      options: { client, concurrency: 2 },
      merge: async () => {
        const open = await findOpenChunks(store, planned.end.chunks);
        if (open.length > 0) return { exitCode: 3, reason: `${open.length} open` };
        const limits = { maxRejectRate: 0, minRecords: 1 };
        const { exitCode, reason } = await mergeRun({ store, plan: planned, out, limits });
        return { exitCode, reason };
      },
      close: () => Promise.resolve(),
    };
  }

  async function worker(more: Partial<FleetWorkerOptions> & { client?: CompletionClient } = {}): Promise<FleetWorker> {
    const { client = echo(), ...options } = more;
    return new FleetWorker({
      queue: await openQueue(),
      name: 'worker',
      untilEmpty: true,
      openRun: (submission) => openRun(submission, client),
      onNotice: (notice) => void notices.push(notice),
      ...options,
    });
  }

  function idsOfResults(): string[] {
    const lines = readFileSync(join(directory, 'run', 'results.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    return lines.map((line) => (JSON.parse(line) as { id: string }).id);
  }

  const allIds = Array.from({ length: ROWS }, (_, at) => `n${at}`);

  test('submitted twice and worked on by three, a run has each record once, and the last chunk merges it', async () => {
    expect(await submit()).toMatchObject({ open: 6, added: 6, end: undefined });
    expect(await submit()).toMatchObject({ open: 6, added: 0 });
    const workers = await Promise.all([worker(), worker(), worker()]);
    expect(await Promise.all(workers.map((one) => one.work()))).toEqual(workers.map(() => ({ exitCode: 0 })));
    expect(idsOfResults()).toEqual(allIds);
    expect(asked).toHaveLength(ROWS);
    expect(await submit()).toMatchObject({ open: 0, added: 0, end: { exitCode: 0 } });
    const [run, ...others] = (await (await openQueue()).status()).runs;
    expect(others).toEqual([]);
    expect(run).toMatchObject({
      definition: 'note',
      rows: ROWS,
      chunks: { total: 6, waiting: 0, active: 0, done: 6, setAside: 0 },
      end: { exitCode: 0 },
    });
  });

  test('a directory with something else in it is refused before anything is queued', async () => {
    const letter = join(directory, 'run', 'letter.txt');
    mkdirSync(join(directory, 'run'));
    writeFileSync(letter, 'Dear Sir');
    await expect(submit()).rejects.toThrow(
      `Cannot submit into ${join(directory, 'run')}: there are files in it already`,
    );
    expect((await (await openQueue()).status()).runs).toEqual([]);
    rmSync(letter);
    expect(await submit()).toMatchObject({ open: 6, added: 6 });
  });

  test('another definition is refused where the run was submitted, and where it is worked on', async () => {
    await submit();
    await expect(submit('other')).rejects.toThrow(
      'another run stands there; the source of the definition is "other" now, was "digest"',
    );
    const refusing = await worker({
      openRun: () => Promise.reject(new GleanerError('run-differs', 'The definition is another one here')),
    });
    expect(await refusing.work()).toMatchObject({ exitCode: 2, reason: 'The definition is another one here' });
    expect(notices.filter((notice) => notice.includes('left to other workers'))).toHaveLength(1);
    expect(await (await worker()).work()).toEqual({ exitCode: 0 });
    expect(idsOfResults()).toEqual(allIds);
  });

  test('a worker whose chunk is taken over stops, and its successor pays for no record again that it ended', async () => {
    await submit();
    let hang: () => void = () => undefined;
    const isHanging = new Promise<void>((resolve) => (hang = resolve));
    let wake: () => void = () => undefined;
    const frozenQueue = await openQueue();
    const frozen = await worker({
      // Its renewals do not arrive, as those of a process that is frozen.
      queue: {
        name: frozenQueue.name,
        lockMs: 60_000,
        take: () => frozenQueue.take(),
        putNextBack: () => frozenQueue.putNextBack(),
        runs: frozenQueue.runs,
        jobs: frozenQueue.jobs,
        lockMerge: (run) => frozenQueue.lockMerge(run),
        explain: (error) => frozenQueue.explain(error),
      },
      client: echo((text) => {
        if (text !== 'word 4') return undefined;
        hang();
        return new Promise<void>((resolve) => (wake = resolve));
      }),
    });
    const late = frozen.work();
    await isHanging;
    expect(await (await worker()).work()).toEqual({ exitCode: 0 });
    expect(idsOfResults()).toEqual(allIds);
    wake();
    expect(await late).toEqual({ exitCode: 0 });
    expect(idsOfResults()).toEqual(allIds);
  });

  test('a worker that is told to stop at the end of a chunk gives back the next one, which came with that end', async () => {
    await submit();
    const stop = new AbortController();
    const stopped = await worker({ stopSignal: stop.signal, onChunk: () => stop.abort() });
    expect(await stopped.work()).toMatchObject({ exitCode: 3 });
    expect(await (await openQueue()).jobs.counts()).toMatchObject({ waiting: 5, active: 0 });
  });

  test('a queue that is lost is waited for a while, and filled again from plan and parts', async () => {
    await submit();
    let left = 25;
    const stop = new AbortController();
    const client = echo(() => {
      left -= 1;
      if (left === 0) stop.abort();
    });
    await (await worker({ client, stopSignal: stop.signal })).work();
    await redis.kill();
    const lost = new FleetWorker({
      queue: queues[0] as ChunkQueue,
      name: 'worker',
      untilEmpty: true,
      waitMs: 300,
      openRun: (submission) => openRun(submission, echo()),
    });
    expect(await lost.work()).toMatchObject({ exitCode: 3, reason: expect.stringContaining('has not answered for') });
    await redis.restart();
    expect(await (await worker()).work()).toEqual({ exitCode: 0 });
    const again = await submit();
    expect(again.open).toBeLessThan(6);
    expect(again.added).toBe(again.open);
    expect(await (await worker()).work()).toEqual({ exitCode: 0 });
    expect(idsOfResults()).toEqual(allIds);
    expect(asked).toHaveLength(ROWS);
  });

  test('a chunk that ends its workers is set aside, and tried again when it is submitted again', async () => {
    await submit();
    for (let deaths = 0; deaths < 3; deaths += 1) {
      const attempt = await claimAttempt(store, 2, { deaths });
      const includes = Array.from({ length: deaths }, (_, at) => ({ attempt: at + 1, lengths: NO_LENGTHS }));
      await writeBegin(store, 2, attempt, { worker: 'dead', at: '', includes });
    }
    expect(await (await worker()).work()).toMatchObject({ exitCode: 3, reason: expect.stringContaining('1 open') });
    const [run] = (await (await openQueue()).status()).runs;
    expect(run?.chunks).toMatchObject({ done: 5, setAside: 1 });
    expect(notices).toContain('Chunk 2 (rows 21 to 30) was set aside: it ended its worker 3 times at the same rows');
    expect(await submit()).toMatchObject({ open: 1, added: 1 });
    expect(await (await worker()).work()).toEqual({ exitCode: 0 });
    expect(idsOfResults()).toEqual(allIds);
  });

  test('two who submit a run at once queue each chunk once, and the merge waits for all of them', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [one, other] = await Promise.all([submit(), submit()]);
      expect(one.added + other.added).toBe(6);
      const queue = await openQueue();
      expect(await queue.jobs.mergeOf(one.submission.run)).toMatchObject({ state: 'waiting-children' });
      expect(await queue.jobs.counts()).toMatchObject({ waiting: 6, merges: 1 });
      await redis.kill();
      await redis.restart();
    }
  });

  test('a cap that is used up is noted for those who wait, until the run is submitted again', async () => {
    const { submission } = await submit();
    const capped = await worker({
      openRun: async (one) => {
        const run = await openRun(one, echo());
        // A call may take 1,334, and takes 42.
        return { ...run, options: { ...run.options, maxTotalTokens: 1600, concurrency: 1 } };
      },
    });
    expect(await capped.work()).toMatchObject({ exitCode: 4, reason: expect.stringContaining('token') });
    const queue = await openQueue();
    expect(await queue.runs.stopOf(submission)).toMatchObject({
      exitCode: 4,
      reason: expect.stringContaining('chunk 0 of note stopped'),
    });
    expect((await queue.status()).runs).toMatchObject([{ stop: { exitCode: 4 } }]);
    const { submission: later } = await submit();
    expect(later.revision).toBe(2);
    expect(await queue.runs.stopOf(later)).toBeUndefined();
    expect(await (await worker()).work()).toEqual({ exitCode: 0 });
    expect(idsOfResults()).toEqual(allIds);
  });

  test('the same cap again stays used up, a higher one does not, and what a worker of an earlier submission says ends nothing', async () => {
    const { submission: first } = await submit('digest', { maxTotalTokens: 3000 });
    const queue = await openQueue();
    const note = { exitCode: 4, reason: 'the cap is used up', caps: { maxTotalTokens: 3000 } };
    await queue.runs.noteStop(first.run, { ...note, revision: first.revision });
    const again = await submit('digest', { maxTotalTokens: 3000 });
    expect(again.submission.revision).toBe(first.revision + 1);
    expect(again).toMatchObject({ open: 6, stop: { exitCode: 4, reason: 'the cap is used up' } });
    expect((await submit('digest', { maxTotalTokens: 2000 })).stop).toMatchObject({ exitCode: 4 });
    const raised = await submit('digest', { maxTotalTokens: 5000 });
    expect(raised.stop).toBeUndefined();
    await queue.runs.noteStop(first.run, { ...note, revision: again.submission.revision });
    expect(await queue.runs.stopOf(raised.submission)).toBeUndefined();
    await queue.runs.noteStop(first.run, { ...note, revision: raised.submission.revision });
    expect((await submit('digest', {})).stop).toBeUndefined();
    await submit('digest', { maxTotalTokens: 5000 });
    expect(await (await worker()).work()).toEqual({ exitCode: 0 });
    expect((await submit('digest', { maxTotalTokens: 5000 })).submission.revision).toBe(7);
  });

  test.each(['nothing', 'all of it'])(
    'a cap that is lowered holds for those at work, and none once it is taken back, where Redis forgets %s',
    async (forgotten) => {
      // A chunk whose job is forgotten is given up at its next renewal, which is not to come before.
      const pooled = async (client: CompletionClient) =>
        worker({
          queue: await openQueue(60_000),
          openRun: async (one) => {
            const run = await openRun(one, client);
            const runCaps = () => latestCaps(store, one);
            const pool = await openFleetPool({ url: redis.url, leaseMs: 600, run: { id: one.run }, runCaps });
            return { ...run, options: { ...run.options, pool, concurrency: 1 }, close: () => pool.close() };
          },
        });
      await submit('digest', { maxTotalTokens: 1_000_000 });
      const reader = await openPoolReader(redis.url);
      const lowering = await pooled(
        echo(async (text) => {
          if (text !== 'word 3') return;
          // A call may take 1,334, and takes 42: three more are let go.
          await submit('digest', { maxTotalTokens: 6 * 42 + 1335 });
          if (forgotten !== 'nothing') {
            await redis.kill();
            await redis.restart();
          }
          const claimed = () => reader.read().then(({ sessions }) => sessions[0]?.claimed.tokens, String);
          await expect.poll(claimed, { timeout: 10_000 }).toBeLessThan(6 * 42 + 1336);
        }),
      );
      expect(await lowering.work()).toMatchObject({
        exitCode: 4,
        reason: expect.stringMatching(/the budget of this run is used up: \d+ of 1,587 tokens/),
      });
      reader.close();
      expect(asked.length).toBeLessThan(CHUNK_ROWS);
      expect((await submit()).stop).toBeUndefined();
      expect(await (await pooled(echo())).work()).toEqual({ exitCode: 0 });
      expect(asked).toHaveLength(ROWS);
    },
  );

  test('a server that is killed is heard of in what fails, and nothing is printed beside it', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    onTestFinished(() => void printed.mockRestore());
    const connection = await connectQueue({ url: redis.url });
    // As BullMQ makes one for itself.
    const copy = connection.redis.duplicate();
    await redis.kill();
    await expect(copy.connect()).rejects.toThrow();
    for (const one of [copy, connection.redis]) one.disconnect();
    expect(printed).not.toHaveBeenCalled();
  });

  test('a run whose directory was removed is merged again from its parts', async () => {
    await submit();
    expect(await (await worker()).work()).toEqual({ exitCode: 0 });
    rmSync(join(directory, 'run'), { recursive: true });
    expect(await submit()).toMatchObject({ open: 0, added: 0, end: undefined });
    expect(await (await worker()).work()).toEqual({ exitCode: 0 });
    expect(idsOfResults()).toEqual(allIds);
    expect(asked).toHaveLength(ROWS);
    expect(await submit()).toMatchObject({ open: 0, end: { exitCode: 0 } });
  });

  test('of merges of one run one is made at a time, and those that waited are satisfied', async () => {
    const { submission } = await submit();
    expect(await (await worker()).work()).toEqual({ exitCode: 0 });
    const queue = await openQueue();
    await queue.jobs.mergeAgain(submission.run);
    await queue.jobs.mergeAgain(submission.run);
    let atWork = 0;
    let most = 0;
    let merges = 0;
    const open = async (one: Submission): Promise<WorkerRun> => {
      const run = await openRun(one, echo());
      const merge = async () => {
        atWork += 1;
        merges += 1;
        most = Math.max(most, atWork);
        await new Promise((resolve) => setTimeout(resolve, 200));
        atWork -= 1;
        return run.merge();
      };
      return { ...run, merge };
    };
    const workers = await Promise.all([worker({ openRun: open }), worker({ openRun: open })]);
    expect(await Promise.all(workers.map((one) => one.work()))).toEqual([{ exitCode: 0 }, { exitCode: 0 }]);
    expect({ most, merges }).toEqual({ most: 1, merges: 2 });
    expect(notices.filter((notice) => notice.includes('could not be merged'))).toEqual([]);
  });

  test('a run that is withdrawn is begun no further, says what was paid, and goes on when it is submitted again', async () => {
    await submit();
    let left = 15;
    const stop = new AbortController();
    const client = echo(() => {
      left -= 1;
      if (left === 0) stop.abort();
    });
    await (await worker({ client, stopSignal: stop.signal })).work();
    const queue = await openQueue();
    const out = join(directory, 'run');
    expect(await withdrawRun(store, queue, out)).toMatchObject({
      active: 0,
      ended: { chunks: 1, records: 10, calls: 10, tokens: 420 },
      attempts: 2,
    });
    expect(await queue.jobs.counts()).toEqual({ waiting: 0, active: 0, delayed: 0, merges: 0 });
    expect((await queue.status()).runs).toEqual([]);
    expect(await submit()).toMatchObject({ open: 5, added: 5 });
    expect(await (await worker()).work()).toEqual({ exitCode: 0 });
    await expect(withdrawRun(store, queue, out)).rejects.toThrow('it is merged, and nothing of it waits');
    expect(idsOfResults()).toEqual(allIds);
    expect(asked).toHaveLength(ROWS);
  });

  test('a worker of a run that is withdrawn says so, and does not advise to submit it again', async () => {
    const { submission } = await submit();
    const taken = await openQueue();
    const first = await worker({
      client: echo(async (text) => {
        if (text === 'word 2') await withdrawRun(store, taken, submission.out);
      }),
    });
    expect(await first.work()).toEqual({ exitCode: 0 });
    expect(notices.join('\n')).toContain(`The run in ${submission.out} was withdrawn`);
    expect(asked.length).toBeLessThan(ROWS);
  });

  test('who waits for an earlier submission is told of a cap that stops a later one', async () => {
    const earlier = await submit('digest', { maxCost: '1' });
    const { submission } = await submit('digest', { maxCost: '1' });
    const stop = { revision: submission.revision, exitCode: 4, reason: 'used up', caps: { maxCost: '1' } };
    const queue = await openQueue();
    await queue.runs.noteStop(submission.run, stop);
    expect(await queue.runs.stopOf(earlier.submission)).toEqual(stop);
    expect((await submit('digest', { maxCost: '1' })).stop).toMatchObject({ exitCode: 4 });
  });

  test('a cap that is used up stops nothing where only the merge is left', async () => {
    const { submission } = await submit('digest', { maxCost: '1' });
    const failing = await worker({
      openRun: async (one) => ({
        ...(await openRun(one, echo())),
        merge: () => Promise.reject(new GleanerError('merge-refused', 'The parts are not what they were')),
      }),
    });
    await failing.work();
    const queue = await openQueue();
    const { run, revision } = submission;
    await queue.runs.noteStop(run, { revision, exitCode: 4, reason: 'used up', caps: { maxCost: '1' } });
    const again = await submit('digest', { maxCost: '1' });
    expect(again).toMatchObject({ open: 0, stop: undefined });
    expect(await queue.runs.stopOf(again.submission)).toBeUndefined();
  });

  test('a run that is withdrawn while it is merged is merged, and its figures are said', async () => {
    await submit();
    const queue = await openQueue();
    const said: unknown[] = [];
    const merging = await worker({
      openRun: async (one) => {
        const opened = await openRun(one, echo());
        return {
          ...opened,
          merge: async (signal) => {
            said.push(await withdrawRun(store, queue, one.out));
            return opened.merge(signal);
          },
        };
      },
    });
    expect(await merging.work()).toEqual({ exitCode: 0 });
    expect(said).toMatchObject([{ active: 0, ended: { records: ROWS } }]);
    expect(idsOfResults()).toEqual(allIds);
  });

  test('a merge that fails is told, and tried again when the run is submitted again', async () => {
    const { submission } = await submit();
    const failing = await worker({
      openRun: async (one) => ({
        ...(await openRun(one, echo())),
        merge: () => Promise.reject(new GleanerError('merge-refused', 'The parts are not what they were')),
      }),
    });
    expect(await failing.work()).toMatchObject({
      exitCode: 3,
      reason: expect.stringContaining('could not be merged: The parts are not what they were'),
    });
    expect(await (await openQueue()).jobs.mergeOf(submission.run)).toMatchObject({
      state: 'failed',
      failure: 'The parts are not what they were',
    });
    await submit();
    expect(await (await worker()).work()).toEqual({ exitCode: 0 });
    expect(idsOfResults()).toEqual(allIds);
  });

  test('a worker that refuses a run lets others come first, and takes no chunk from them', async () => {
    await submit();
    let taken = 0;
    const queue = await openQueue();
    const take = queue.take.bind(queue);
    queue.take = async () => {
      const job = await take();
      // The merge, which nobody else may be there for, is no chunk.
      if (job?.data.chunk !== undefined) taken += 1;
      return job;
    };
    const stop = new AbortController();
    const refusing = await worker({
      queue,
      untilEmpty: false,
      stopSignal: stop.signal,
      openRun: () => Promise.reject(new GleanerError('run-differs', 'The definition is another one here')),
    });
    const refused = refusing.work();
    await expect.poll(() => taken).toBe(1);
    const client = echo(() => new Promise((resolve) => setTimeout(resolve, 100)));
    // It looks again meanwhile, more than once.
    expect(await (await worker({ client })).work()).toEqual({ exitCode: 0 });
    stop.abort();
    await refused;
    expect(taken).toBe(1);
    expect(notices.filter((notice) => notice.includes('left to other workers'))).toHaveLength(1);
  });

  test('an input that has changed since it was submitted is refused, and the plan that stands there is named', async () => {
    await submit();
    writeFileSync(join(directory, 'notes.jsonl'), `${JSON.stringify({ id: 'n0', text: 'other' })}\n`);
    await expect(submit()).rejects.toThrow(
      `Cannot use the plan ${join(directory, 'run.fleet', 'plan.jsonl')} for ${join(directory, 'notes.jsonl')}: the input has other contents`,
    );
  });

  test('under a cap that suffices, what a killed worker had claimed and not spent is spent by others, and no token more', async () => {
    // Calls may take 1,335 tokens, and take 42: 60 of them, and the two that the killed worker leaves open.
    const { submission } = await submit('digest', { maxTotalTokens: 60 * 42 + 2 * 1335 + 1335 });
    const runCaps = () => latestCaps(store, submission);
    const open = (): Promise<FleetPool> =>
      openFleetPool({ url: redis.url, leaseMs: 600, run: { id: submission.run }, runCaps });
    const reader = await openPoolReader(redis.url);
    const dead = await open();
    const gone = new AbortController();
    let hanging = 0;
    const client = echo((text) => {
      if (['word 20', 'word 21', 'word 22'].includes(text)) return undefined;
      hanging += 1;
      return new Promise<void>((_, reject) => {
        gone.signal.addEventListener('abort', () => reject(new Error('gone')));
      });
    });
    const { plan, ...deadRun } = await openRun(submission, client);
    const killed = runChunk({
      ...deadRun,
      plan,
      chunk: 2,
      worker: 'dead',
      options: { ...deadRun.options, pool: dead, signal: gone.signal },
    });
    await expect.poll(() => hanging).toBe(2);
    // The pool hears nothing of it any more, as of a process that was killed.
    await dead.close();
    await expect.poll(async () => (await reader.read()).lost, { timeout: 5000 }).toMatchObject({ sessions: 1 });

    const pool = await open();
    const done = new Set<string>();
    const openBudget = (): Budget =>
      createBudget({ client: echo() }, { model: 'google/gemini-3.5-flash-lite', name: note.name }).budget;
    const heir = await worker({
      openRun: async (one) => {
        const run = await openRun(one, echo());
        const claims = { store, pool, openBudget, done };
        return { ...run, options: { ...run.options, pool }, returnClaims: () => returnClaims(claims) };
      },
    });
    expect(await heir.work()).toEqual({ exitCode: 0 });
    expect(done).toContain('parts/000002.a1');
    expect(idsOfResults()).toEqual(allIds);
    const { counted, lost } = await reader.read();
    reader.close();
    expect(lost).toEqual({ tokens: 0, nanoUsd: 0, sessions: 0 });
    expect(counted.tokens).toBe(60 * 42 + 2 * 1335);
    // It would send nothing, should it be no more than frozen.
    await expect(dead.beforeSending(AbortSignal.abort(new Error('waits')))).rejects.toThrow('waits');
    gone.abort();
    await killed.catch(() => undefined);
    await pool.close();
  });
});
