import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import {
  ApiError,
  createVertexClient,
  type CompletionClient,
  defineExtraction,
  openPool,
  run,
  type PoolOptions,
  type RunOptions,
  type RunSummary,
} from 'gleaner';
import { startEmulator, type Emulator, type EmulatorOptions } from 'gleaner/emulator';
import { openPoolReader } from '../../../src/fleet/pool/pool-reader.ts';
import { startRedis, whyNoRedis, type RedisOptions, type RedisServer } from '../redis-server.ts';
import { startProxy } from './redis-proxy.ts';

const note = defineExtraction({
  name: 'note',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ name: z.string(), total: z.number().nullable() }),
  instructions: 'Extract the note.',
  prompt: '{{text}}',
  id: 'id',
  request: { temperature: 0, maxTokens: 256, thinking: { budget: 0 } },
});

/** Short, so that what takes a lease to happen happens soon. */
const LEASE_MS = 1000;

interface Worker {
  done: Promise<RunSummary>;
  notices: string[];
  out: string;
}

interface WorkerOptions extends Omit<Partial<RunOptions>, 'pool' | 'input'> {
  name: string;
  records?: number;
  pool?: Partial<PoolOptions>;
}

describe.skipIf(whyNoRedis !== undefined)('runs of one pool', () => {
  let redis: RedisServer;
  let emulator: Emulator;
  let place: string;
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'gleaner-pool-'));
    onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  });

  async function prepare(options: EmulatorOptions = {}, server: RedisOptions = {}): Promise<void> {
    redis = await startRedis(server);
    emulator = await startEmulator({ keepRequests: 10_000, ...options });
    onTestFinished(async () => {
      await emulator.close();
      await redis.close();
    });
  }

  function work({ name, records = 60, pool: poolOptions = {}, ...options }: WorkerOptions): Worker {
    const notices: string[] = [];
    const out = join(place, name);
    const conduct = async (): Promise<RunSummary> => {
      const pool = await openPool({ url: redis.url, leaseMs: LEASE_MS, ...poolOptions });
      const client = createVertexClient({ baseUrl: emulator.baseUrl(), auth: { kind: 'token', token: 'any' } });
      try {
        return await run(note, {
          input: Array.from({ length: records }, (_, index) => ({
            id: `${name}-${index}`,
            text: `Note <${name} ${index}>\nName: Person ${index}\nTotal: ${index}.50`,
          })),
          out,
          client,
          pool,
          concurrency: 8,
          backoff: { baseMs: 1 },
          onNotice: (notice) => notices.push(notice),
          ...options,
        });
      } finally {
        await client.close();
        await pool.close();
      }
    };
    return { done: conduct(), notices, out };
  }

  /** What the service would have billed, answers that nobody could read included. */
  function bill(): number {
    const { tokens, undelivered } = emulator.stats();
    return tokens.total + undelivered.total;
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  test('spend no token more than the pool allows, and nearly all of them, and a higher cap goes on', async () => {
    await prepare({ latencyMs: 5 });
    const pool = { maxTotalTokens: 20_000 };
    const ends = await Promise.all(['a', 'b', 'c'].map((name) => work({ name, records: 420, pool }).done));
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([4, 4, 4]);
    expect(ends[0]?.reason).toMatch(
      /^the budget of the pool is used up: [\d,]+ of 20,000 tokens of the pool at 127\.0\.0\.1:\d+ are spent/,
    );
    expect(bill()).toBeLessThanOrEqual(20_000);
    expect(bill()).toBeGreaterThan(19_000);

    // A cap is raised once nobody is at work, and one whose last word was lost on a busy machine counts as at work for its lease.
    const reader = await openPoolReader(redis.url);
    await expect.poll(async () => (await reader.read()).sessions, { timeout: 10 * LEASE_MS }).toEqual([]);
    reader.close();
    const more = { maxTotalTokens: 1_000_000 };
    const again = await Promise.all(['a', 'b', 'c'].map((name) => work({ name, records: 420, pool: more }).done));
    expect(again.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    const counted = again.reduce((sum, { limits }) => sum + limits.counted.totalTokens, 0);
    expect(counted).toBe(bill());
    // Repeating a finished run asks nothing of the pool.
    await redis.kill();
    expect((await work({ name: 'a', records: 420, pool: more }).done).exitCode).toBe(0);
  });

  test('keep their own caps besides', async () => {
    await prepare();
    const [small, large] = await Promise.all([
      work({ name: 'small', maxTotalTokens: 3000 }).done,
      work({ name: 'large' }).done,
    ]);
    expect([small.exitCode, large.exitCode]).toEqual([4, 0]);
    expect(small.tokens.total).toBeLessThanOrEqual(3000);
    expect(small.reason).toContain('the budget is used up');
  });

  test('are told of another cap than that of the pool, which holds', async () => {
    await prepare({ latencyMs: 20 });
    const first = work({ name: 'first', records: 400, pool: { maxTotalTokens: 15_000 } });
    await until(() => emulator.stats().requests > 10);
    const second = work({ name: 'second', pool: { maxTotalTokens: 900_000 } });
    expect((await second.done).exitCode).toBe(4);
    expect((await first.done).exitCode).toBe(4);
    expect(second.notices).toContainEqual(
      'Other runs of the pool are at work with another limit on tokens in all, 15,000, which holds for this run, too; 900,000 is taken once none is at work',
    );
    expect(bill()).toBeLessThanOrEqual(15_000);
  });

  test.each([
    { appendOnly: true, what: 'has not forgotten' },
    { appendOnly: false, what: 'has forgotten everything' },
  ])(
    'go on when Redis is killed and comes back and $what: no call while it is away, no cap crossed',
    async ({ appendOnly }) => {
      await prepare({ latencyMs: 10 }, { appendOnly });
      const pool = { maxTotalTokens: 16_000 };
      const before = await work({ name: 'before', records: 15, pool }).done;
      expect(before.exitCode).toBe(0);
      const workers = ['a', 'b'].map((name) => work({ name, records: 300, pool }));
      await until(() => emulator.stats().requests > 35);
      await redis.kill();
      await until(() => workers.every(({ notices }) => notices.some((notice) => notice.includes('does not answer'))));
      // Calls that were let go before are on their way.
      await new Promise((resolve) => setTimeout(resolve, 500));
      await until(() => emulator.stats().inFlight === 0);
      const sent = emulator.stats().requests;
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(emulator.stats().requests).toBe(sent);
      await redis.restart();
      const ends = await Promise.all(workers.map(({ done }) => done));
      expect(ends.map(({ exitCode }) => exitCode)).toEqual([4, 4]);
      expect(emulator.stats().requests).toBeGreaterThan(sent);
      expect(bill()).toBeLessThanOrEqual(16_000);
      expect(bill()).toBeGreaterThan(14_500);
      for (const { notices } of workers) {
        expect(notices).toContainEqual(expect.stringMatching(/^The pool at 127\.0\.0\.1:\d+ answers again$/));
        expect(notices.some((notice) => notice.includes('had lost what it knew'))).toBe(!appendOnly);
        expect(notices.filter((notice) => notice.includes('append-only file'))).toHaveLength(appendOnly ? 0 : 1);
      }
    },
  );

  test('stop in order when the pool does not come back in time, and go on with the same command', async () => {
    await prepare({ latencyMs: 10 });
    const proxy = await startProxy(redis.port);
    onTestFinished(() => proxy.close());
    const pool = { url: `redis://127.0.0.1:${proxy.port}`, waitMs: 300 };
    const cut = work({ name: 'cut', records: 200, pool, requestsPerMinute: 12_000 });
    await until(() => emulator.stats().requests > 20);
    proxy.drop();
    const end = await cut.done;
    expect(end).toMatchObject({ exitCode: 3, status: 'stopped' });
    expect(end.reason).toMatch(/^the pool at 127\.0\.0\.1:\d+ has not answered for/);
    expect(end.calls.unsettled).toBe(0);
    expect(end.calls.sent).toBe(emulator.stats().requests);
    proxy.mend();
    expect((await work({ name: 'cut', records: 200, pool }).done).exitCode).toBe(0);
    expect(emulator.stats().requests).toBe(200);
  });

  test('wait together when the service asks one of them to', async () => {
    await prepare({ script: [{ nth: 30, fault: 'retry-after', retryAfterSeconds: 2 }], latencyMs: 10 });
    const begun: Record<string, number[]> = { a: [], b: [] };
    let paused = 0;
    const workers = ['a', 'b'].map((name) =>
      work({
        name,
        records: 60,
        requestsPerMinute: 3000,
        onEvent: (event) => {
          if (event.type === 'call-start') begun[name]?.push(performance.now());
          if (event.type === 'pause') paused = performance.now();
        },
      }),
    );
    await Promise.all(workers.map(({ done }) => done));
    expect(paused).toBeGreaterThan(0);
    // What was on its way to the other run when it was told is let go; then nothing for the rest of the two seconds.
    for (const times of Object.values(begun)) {
      const longest = times.slice(1).reduce((most, at, index) => Math.max(most, at - (times[index] ?? at)), 0);
      expect(longest).toBeGreaterThan(1500);
    }
  });

  test('send one probe between them while the service is down, and all go on when it answers', async () => {
    await prepare({ latencyMs: 5 });
    // Down until somebody has said so: how many calls are made before is a matter of the moment.
    let isDown = true;
    const answering = createVertexClient({ baseUrl: emulator.baseUrl(), auth: { kind: 'token', token: 'any' } });
    onTestFinished(() => answering.close());
    const client: CompletionClient = {
      service: answering.service,
      complete: (...asked) => {
        if (!isDown) return answering.complete(...asked);
        return Promise.reject(new ApiError('The service is down', { kind: 'status', status: 503 }));
      },
    };
    const saysSo = ({ notices }: Worker): boolean =>
      notices.some((notice) =>
        /^The service does not answer the runs of the pool at .*: \d+ of their calls in a row failed/.test(notice),
      );
    const workers = ['a', 'b', 'c'].map((name) => work({ name, records: 40, client }));
    await until(() => workers.some(saysSo));
    isDown = false;
    const ends = await Promise.all(workers.map(({ done }) => done));
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
  });

  test('need no more of the server than docs/fleet.md says, and are looked at with as much', async () => {
    const page = readFileSync(new URL('../../../docs/fleet.md', import.meta.url), 'utf8');
    const rules = /^ACL SETUSER worker on >\S+ (.*)$/m.exec(page)?.[1] ?? '';
    await prepare({ latencyMs: 5 }, { appendOnly: false, user: { name: 'worker', password: 'hush-hush', rules } });
    const access = { password: 'hush-hush' };
    const worker = work({
      name: 'a',
      records: 30,
      requestsPerMinute: 6000,
      pool: { ...access, maxTotalTokens: 90_000 },
    });
    expect((await worker.done).exitCode).toBe(0);
    expect(worker.notices).toContainEqual(expect.stringContaining('keeps no append-only file'));
    const reader = await openPoolReader(redis.url, access);
    onTestFinished(() => reader.close());
    expect(await reader.read()).toMatchObject({
      isThere: true,
      caps: { tokens: 90_000 },
      counted: { tokens: bill() },
      held: { tokens: 0 },
      sessions: [],
      quotas: [{ name: 'emulator google/gemini-3.5-flash-lite', requestsPerMinute: 6000, failures: 0 }],
    });
  });

  test('write down by what name the pool knows them, and no password', async () => {
    const user = { name: 'worker', password: 'hush-hush' };
    await prepare({}, { user });
    const worker = work({ name: 'a', records: 3, pool: { password: user.password } });
    expect((await worker.done).exitCode).toBe(0);
    const files = ['pool.json', 'run.json', 'usage.json', 'report.html'].map((name) =>
      readFileSync(join(worker.out, name), 'utf8'),
    );
    expect(files.join('')).not.toContain(user.password);
    const refused = work({ name: 'b', records: 3, pool: { password: 'wrong-one' } });
    expect(await refused.done).toMatchObject({
      exitCode: 2,
      reason: expect.stringMatching(
        /^Cannot use the pool at 127\.0\.0\.1:\d+ as worker: it wants another user or password/,
      ),
    });
    expect(emulator.stats().requests).toBe(3);
  });

  test('do not come into another database than the one that was named', async () => {
    await prepare({});
    const end = await work({ name: 'a', records: 3, pool: { url: redis.url.replace(/(?:\/\d*)?$/, '/99') } }).done;
    expect(end).toMatchObject({ exitCode: 2, reason: expect.stringContaining('there is no such database') });
    expect(emulator.stats().requests).toBe(0);
  });

  test('the second run of a process begins with the calls in flight that the first found to be borne', async () => {
    await prepare({ latencyMs: 200 });
    const pool = await openPool({ url: redis.url, leaseMs: LEASE_MS });
    onTestFinished(() => pool.close());
    const begunWith = async (name: string): Promise<number> => {
      let [begun, hasEnded] = [0, false];
      await run(note, {
        input: Array.from({ length: 400 }, (_, index) => ({ id: `${name}-${index}`, text: `Name: ${index}` })),
        out: join(place, name),
        client: createVertexClient({ baseUrl: emulator.baseUrl(), auth: { kind: 'token', token: 'any' } }),
        pool,
        concurrency: 150,
        maxRejectRate: 1,
        onEvent: ({ type }) => {
          hasEnded ||= type === 'call-end';
          if (type === 'call-start' && !hasEnded) begun += 1;
        },
      });
      return begun;
    };
    expect(await begunWith('first')).toBeLessThan(60);
    // Half of what it was, at once; the rest follows with the first answers.
    expect(await begunWith('second')).toBe(75);
  });
});
