import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startRedis, whyNoRedis, whyNoTls } from '../fleet/redis-server.ts';
import {
  accountFor,
  emulatorFor,
  gleaner,
  gleanerProcess,
  noteDefinition,
  noteRecords,
  readRun,
  root,
  startGleaner,
  temporaryDirectory,
  writeFile,
} from './harness.ts';

const RECORDS = 600;

describe.skipIf(whyNoRedis !== undefined)('a fleet of processes', () => {
  test('three workers, one of them killed, make the run that one process makes, but for the order', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const cwd = temporaryDirectory();
    writeFile(cwd, 'note.ts', noteDefinition);
    writeFile(cwd, 'notes.jsonl', noteRecords(RECORDS));
    const { emulator, flags, env } = await emulatorFor({ latencyMs: 20, keepRequests: 0 });
    const options = { cwd, env };
    const pool = ['--pool', redis.url];
    const work = ['work', ...pool, '--until-empty', '--concurrency', '8', '--lock-ms', '1500', ...flags.slice(2)];

    const submit = ['submit', 'note.ts', 'notes.jsonl', '--out', 'fleet', ...pool, '--chunk-rows', '50', ...flags];
    const submitted = await gleaner([...submit, '--json'], options);
    expect(submitted.code).toBe(0);
    expect(JSON.parse(submitted.stdout)).toMatchObject({ rows: RECORDS, chunks: 12, open: 12, added: 12 });

    const workers = [1, 2, 3].map(() => startGleaner(work, options));
    const parts = join(cwd, 'fleet.fleet', 'parts');
    while (!existsSync(parts) || !readdirSync(parts).some((name) => name.endsWith('.done.json'))) await sleep(20);
    workers[0]?.process.kill('SIGKILL');
    const [killed, ...others] = await Promise.all(workers.map(({ done }) => done));
    expect(killed?.signal).toBe('SIGKILL');
    for (const { code, stderr } of others) expect({ code, stderr }).toMatchObject({ code: 0 });

    const { requests } = emulator.stats();
    const merged = readRun(join(cwd, 'fleet'));
    expect(accountFor(merged).ids).toHaveLength(RECORDS);
    expect(merged.usage).toMatchObject({
      status: 'finished',
      exitCode: 0,
      records: { extracted: RECORDS, rejected: 0 },
    });
    // Calls that were in flight when the worker was killed are counted as sent, and nobody knows which of them were.
    const { sent, unsettled } = merged.usage.calls;
    expect(sent).toBeGreaterThanOrEqual(requests);
    expect(sent - unsettled).toBeLessThanOrEqual(requests);

    const single = await gleaner(['run', 'note.ts', 'notes.jsonl', '--out', 'single', ...flags], options);
    expect(single.code).toBe(0);
    const linesOf = (run: string): string[] =>
      readFileSync(join(cwd, run, 'results.jsonl'), 'utf8')
        .trimEnd()
        .split('\n')
        .sort();
    expect(linesOf('fleet')).toEqual(linesOf('single'));

    expect((await gleaner([...submit], options)).stderr).toContain('is merged in');
    for (const command of [
      ['report', 'fleet'],
      ['export', 'fleet'],
      ['retry', 'fleet', ...flags],
      ['compare', 'single', 'fleet'],
    ]) {
      const { code, stderr } = await gleaner(command, options);
      expect({ command, code, stderr }).toMatchObject({ code: 0 });
    }
  });

  test('a short torture: kills, freezes, a lost Redis and a cut network lose nothing, double nothing and leave the bill right', async () => {
    const bounds = ['--records', '1500', '--chunk-rows', '100', '--workers', '3', '--kills', '3', '--every-ms', '2000'];
    const child = spawn(
      process.execPath,
      [join(root, 'torture/fleet.mjs'), ...bounds, '--latency-ms', '40', '--minutes', '2', '--seed', '7', '--json'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    const said: Buffer[] = [];
    child.stdout.on('data', (data: Buffer) => said.push(data));
    await once(child, 'close');
    expect(JSON.parse(Buffer.concat(said).toString())).toMatchObject({ lost: 0, doubled: 0, problems: [] });
  }, 150_000);

  test('a definition or a service that differs on a worker is refused there', async () => {
    const redis = await startRedis({ appendOnly: false });
    onTestFinished(() => redis.close());
    const cwd = temporaryDirectory();
    writeFile(cwd, 'note.ts', noteDefinition);
    writeFile(cwd, 'notes.jsonl', noteRecords(5));
    const { flags, env } = await emulatorFor();
    const pool = ['--pool', redis.url];
    const submit = ['submit', 'note.ts', 'notes.jsonl', '--out', 'fleet', ...pool];
    expect(await gleaner(submit, { cwd, env })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no project given'),
    });
    await gleaner([...submit, ...flags], { cwd, env });
    const emulating = await gleanerProcess(['work', ...pool, '--until-empty', '--emulator'], { cwd, env });
    expect(emulating).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /it was submitted with --base-url http\S+, and this worker was started with --emulator/,
      ),
    });
    writeFile(cwd, 'note.ts', noteDefinition.replace('Extract the note.', 'Extract it.'));
    const work = ['work', ...pool, '--until-empty', ...flags.slice(2)];
    const { code, stderr } = await gleanerProcess(work, { cwd, env });
    expect(code).toBe(2);
    expect(stderr).toContain('the definition note.ts has another source here');
  });

  test('submit --wait ends once a cap is used up, which is lifted by a submission without it; its command can be pasted, and it is bound to its service', async () => {
    const redis = await startRedis({ appendOnly: false });
    onTestFinished(() => redis.close());
    const cwd = temporaryDirectory();
    writeFile(cwd, 'note.ts', noteDefinition);
    writeFile(cwd, 'notes.jsonl', noteRecords(40));
    const { flags, env } = await emulatorFor();
    const pool = ['--pool', redis.url, '--pool-prefix', 'november'];
    const submit = ['submit', 'note.ts', 'notes.jsonl', '--out', 'fleet', ...pool, '--chunk-rows', '10'];
    const waiting = startGleaner([...submit, ...flags, '--wait', '--max-total-tokens', '3000'], { cwd, env });
    while (!existsSync(join(cwd, 'fleet.fleet', 'fleet.json'))) await sleep(20);
    const work = ['work', ...pool, '--until-empty', '--concurrency', '1', ...flags.slice(2)];
    const worker = await gleanerProcess(work, { cwd, env });
    expect(worker.code).toBe(4);
    const { code, stderr } = await waiting.done;
    expect({ code, stderr }).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/exit 4: chunk \d of note stopped: the budget of this run is used up/),
    });
    expect(stderr).toContain(`Start workers with gleaner work ${[...pool, ...flags.slice(2)].join(' ')}\n`);

    // A cap that is not named again is none any more.
    expect(await gleaner([...submit, ...flags], { cwd, env })).toMatchObject({ code: 0 });
    expect(await gleanerProcess(work, { cwd, env })).toMatchObject({ code: 0 });
    expect(accountFor(readRun(join(cwd, 'fleet'))).ids).toHaveLength(40);

    const elsewhere = await gleaner([...submit, '--base-url', 'http://127.0.0.1:9/v1'], { cwd, env });
    expect(elsewhere).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('base URL is "http://127.0.0.1:9/v1"'),
    });
  });

  test.skipIf(whyNoTls() !== undefined)(
    'an encrypted server with a user of its own is worked on like any other, and not where it is not trusted',
    async () => {
      const user = { name: 'worker', password: 'hidden', rules: '~{gleaner}:* &* +@all -@dangerous +info' };
      const redis = await startRedis({ user, isEncrypted: true });
      onTestFinished(() => redis.close());
      const cwd = temporaryDirectory();
      writeFile(cwd, 'note.ts', noteDefinition);
      writeFile(cwd, 'notes.jsonl', noteRecords(12));
      const { flags, env: token } = await emulatorFor();
      const pool = ['--pool', redis.url, '--pool-wait-ms', '500'];
      const env = { ...token, GLEANER_POOL_PASSWORD: user.password, NODE_EXTRA_CA_CERTS: redis.certificate };
      const submit = ['submit', 'note.ts', 'notes.jsonl', '--out', 'fleet', ...pool, ...flags];
      const untrusted = await gleanerProcess(submit, { cwd, env: { ...env, NODE_EXTRA_CA_CERTS: '' } });
      expect(untrusted).toMatchObject({ code: 3, stderr: expect.stringContaining('self-signed certificate') });
      expect(await gleanerProcess(submit, { cwd, env })).toMatchObject({ code: 0 });
      const work = ['work', ...pool, '--until-empty', ...flags.slice(2)];
      expect(await gleanerProcess(work, { cwd, env: { ...env, GLEANER_POOL_PASSWORD: 'other' } })).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/as worker: it wants another user or password \(WRONGPASS/),
      });
      expect(await gleanerProcess(work, { cwd, env })).toMatchObject({ code: 0 });
      expect(accountFor(readRun(join(cwd, 'fleet'))).ids).toHaveLength(12);
    },
  );

  test.each([['submit', 'note.ts', 'notes.jsonl', '--out', 'fleet', '--emulator'], ['work'], ['status']])(
    '%s waits for a pool that does not answer, and says for how long',
    async (...command) => {
      const cwd = temporaryDirectory();
      writeFile(cwd, 'note.ts', noteDefinition);
      writeFile(cwd, 'notes.jsonl', noteRecords(5));
      const env = { GLEANER_POOL_PASSWORD: 'hidden' };
      const pool = ['--pool', 'redis://worker@127.0.0.1:1/3', '--pool-wait-ms', '300'];
      const { code, stderr } = await gleaner([...command, ...pool], { cwd, env });
      expect({ code, stderr }).toEqual({
        code: 3,
        stderr: expect.stringMatching(
          /pool at 127\.0\.0\.1:1\/3 has not answered for \d+ s: connect ECONNREFUSED 127\.0\.0\.1:1\./,
        ),
      });
      expect(stderr).not.toContain('hidden');
    },
  );
});
