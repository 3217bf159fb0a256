import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { PoolOptions, RunSummary } from 'gleaner';
import { startEmulator, type Emulator, type EmulatorOptions } from 'gleaner/emulator';
import { startRedis, whyNoRedis, type RedisServer } from '../fleet/redis-server.ts';
import {
  emulatorFor,
  gleanerProcess,
  noteDefinition,
  noteRecords,
  root,
  temporaryDirectory,
  writeFile,
} from './harness.ts';

const LEASE_MS = 1000;

interface WorkerEnd {
  exitCode: number;
  reason: string | null;
  usage: RunSummary;
  notices: string[];
}

interface Scene {
  redis: RedisServer;
  emulator: Emulator;
  place: string;
}

describe.skipIf(whyNoRedis !== undefined)('processes of one pool', () => {
  async function prepare(options: EmulatorOptions = {}): Promise<Scene> {
    const redis = await startRedis();
    const emulator = await startEmulator({ keepRequests: 0, ...options });
    onTestFinished(async () => {
      await emulator.close();
      await redis.close();
    });
    return { redis, emulator, place: temporaryDirectory() };
  }

  function start(
    { redis, emulator, place }: Scene,
    name: string,
    { records = 250, ...pool }: Partial<PoolOptions> & { records?: number },
  ): { process: ChildProcess; done: Promise<WorkerEnd> } {
    const worker = spawn(
      process.execPath,
      [
        join(root, 'test/e2e/pool-worker.mjs'),
        JSON.stringify({
          baseUrl: emulator.baseUrl(),
          out: join(place, name),
          name,
          records,
          pool: { url: redis.url, leaseMs: LEASE_MS, ...pool },
        }),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    onTestFinished(() => void worker.kill('SIGKILL'));
    let said = '';
    worker.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const done = new Promise<WorkerEnd>((resolve, reject) => {
      worker.once('close', (code, signal) => {
        if (code === 0) resolve(JSON.parse(said) as WorkerEnd);
        else reject(new Error(`The worker ended with ${code ?? signal}`));
      });
    });
    done.catch(() => undefined);
    return { process: worker, done };
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  function bill({ emulator }: Scene): number {
    const { tokens, undelivered } = emulator.stats();
    return tokens.total + undelivered.total;
  }

  test('kill -9 of one that holds a claim: what it held counts as spent, its next session puts that right, and no cap is crossed', async () => {
    const scene = await prepare({ latencyMs: 15 });
    const cap = { maxTotalTokens: 20_000 };
    const killed = start(scene, 'killed', cap);
    const other = start(scene, 'other', cap);
    await until(() => scene.emulator.stats().requests > 60);
    killed.process.kill('SIGKILL');
    expect((await other.done).exitCode).toBe(4);
    expect(bill(scene)).toBeLessThanOrEqual(cap.maxTotalTokens);

    // It may not know of the last calls what they cost; it knows that they were made.
    expect((await start(scene, 'killed', cap).done).exitCode).toBe(4);
    expect(bill(scene)).toBeLessThanOrEqual(cap.maxTotalTokens);

    const more = { maxTotalTokens: 10_000_000 };
    const ends = await Promise.all(['killed', 'other'].map((name) => start(scene, name, more).done));
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    for (const { usage } of ends) expect(usage.records).toMatchObject({ extracted: 250, remaining: 0 });
    const counted = ends.reduce((sum, { usage }) => sum + usage.limits.counted.totalTokens, 0);
    expect(counted).toBeGreaterThanOrEqual(bill(scene));
  });

  test('SIGSTOP of one until its lease is over: others spend what is left, and it spends no more than it held', async () => {
    const scene = await prepare({ latencyMs: 15 });
    const cap = { maxTotalTokens: 20_000 };
    const frozen = start(scene, 'frozen', cap);
    const other = start(scene, 'other', cap);
    await until(() => scene.emulator.stats().requests > 60);
    frozen.process.kill('SIGSTOP');
    expect((await other.done).exitCode).toBe(4);
    await new Promise((resolve) => setTimeout(resolve, 1.5 * LEASE_MS));
    frozen.process.kill('SIGCONT');
    expect((await frozen.done).exitCode).toBe(4);
    expect(bill(scene)).toBeLessThanOrEqual(cap.maxTotalTokens);
    expect(bill(scene)).toBeGreaterThan(0.9 * cap.maxTotalTokens);
  });

  test('gleaner run --pool shares a cap between commands, and shows a password nowhere', async () => {
    const redis = await startRedis({ user: { name: 'worker', password: 'hush-hush' } });
    onTestFinished(() => redis.close());
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const input = writeFile(directory, 'notes.jsonl', noteRecords(200));
    const { emulator, flags, env } = await emulatorFor({ keepRequests: 0 });
    const command = (out: string): string[] => ['run', definition, input, '--out', join(directory, out), ...flags];
    const pool = ['--pool', redis.url, '--pool-max-total-tokens', '10000'];
    const surroundings = { env: { ...env, GLEANER_POOL_PASSWORD: 'hush-hush' } };
    const ends = await Promise.all(['a', 'b'].map((out) => gleanerProcess([...command(out), ...pool], surroundings)));
    expect(ends.map(({ code }) => code)).toEqual([4, 4]);
    expect(emulator.stats().tokens.total).toBeLessThanOrEqual(10_000);
    const shown = redis.url.replace('worker@', 'worker:hush-hush@');
    const refused = await gleanerProcess([...command('c'), '--pool', shown], { env });
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('a password is given in the variable GLEANER_POOL_PASSWORD');
    for (const { stderr } of [...ends, refused]) expect(stderr).not.toContain('hush-hush');
  });
});
