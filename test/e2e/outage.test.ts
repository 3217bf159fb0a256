import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { EmulatorOptions } from 'gleaner/emulator';
import {
  accountFor,
  emulatorFor,
  gleaner,
  gleanerProcess,
  noteDefinition,
  noteRecords,
  readRun,
  temporaryDirectory,
  writeFile,
} from './harness.ts';

const FOREVER = Number.POSITIVE_INFINITY;

async function prepare(records: number, options: EmulatorOptions) {
  const directory = temporaryDirectory();
  const definition = writeFile(directory, 'note.ts', noteDefinition);
  const input = writeFile(directory, 'notes.jsonl', noteRecords(records));
  const out = join(directory, 'run');
  const { emulator, flags, env } = await emulatorFor(options);
  return { emulator, out, env, command: ['run', definition, input, '--out', out, ...flags] };
}

test(
  'a service that is down stops the run after tens of calls; the same command continues',
  { timeout: 90_000 },
  async () => {
    const { emulator, out, env, command } = await prepare(300, {
      script: [{ fault: 'status-503-array', times: FOREVER }],
    });
    const { code, stderr } = await gleaner([...command, '--json-logs'], { env });
    expect(stderr).toContain('the service has not answered for');
    expect(code).toBe(3);
    // Whoever watches the log meanwhile sees that it is down, since when, and when it is tried again.
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const [progress] = lines.filter(({ event }) => event === 'run-progress');
    expect(progress).toMatchObject({ level: 'warning', waitingFor: 'probe', extracted: 0 });
    expect(progress?.['failed']).toBeGreaterThanOrEqual(20);
    expect(progress?.['retries']).toBeGreaterThan(0);
    expect(progress?.['lastError']).toContain('HTTP 503');
    expect(Date.parse(String(progress?.['pausedUntil']))).toBeGreaterThan(Date.parse(String(progress?.['time'])));
    const notices = lines.filter(({ event }) => event === 'notice').map(({ message }) => message);
    expect(notices).toEqual([expect.stringMatching(/^The service does not answer: \d+ calls in a row failed/)]);
    expect(new Set(lines.map(({ runId }) => runId)).size).toBe(1);
    expect(lines.at(-1)).toMatchObject({ event: 'run-end', level: 'error', exitCode: 3 });
    expect(emulator.stats().requests).toBeLessThan(100);
    const { usage, rejects } = readRun(out);
    expect(usage).toMatchObject({ status: 'stopped', records: { extracted: 0, remaining: 300 } });
    expect(rejects).toEqual([]);
  },
);

test('the quota of a day stops the run at once, that of a minute does not', async () => {
  const daily = await prepare(100, { script: [{ fault: 'daily-quota', nth: 40, times: FOREVER }] });
  const stopped = await gleaner(daily.command, { env: daily.env });
  expect(stopped.stderr).toContain('the quota of the day is used up');
  expect(stopped.code).toBe(3);
  const first = readRun(daily.out);
  accountFor(first);
  expect(first.rejects).toEqual([]);
  expect(first.usage.calls.sent).toBeLessThanOrEqual(40 + 16);
  const continued = await gleaner(daily.command, { env: daily.env });
  expect(continued.code).toBe(0);

  const minute = await prepare(100, { faults: { rate: 0.2, kinds: ['status-429-array', 'status-429-object'] } });
  const waited = await gleaner([...minute.command, '--retry-delay-ms', '5'], { env: minute.env });
  expect(waited.code).toBe(0);
});

test(
  'with 30 % of calls failing at random, none is rejected and at most 1.5 calls are sent per record',
  { timeout: 60_000 },
  async () => {
    const kinds = [
      'status-500-array',
      'status-503-object',
      'status-429-array',
      'reset',
      'empty-body',
      'html-body',
    ] as const;
    const { emulator, out, env, command } = await prepare(600, { faults: { rate: 0.3, kinds } });
    const { code } = await gleaner([...command, '--retry-delay-ms', '5'], { env });
    expect(code).toBe(0);
    const run = readRun(out);
    expect(accountFor(run).ids).toHaveLength(600);
    expect(run.rejects).toEqual([]);
    expect(emulator.stats().requests).toBeLessThanOrEqual(900);
  },
);

test('a token service that never answers ends run and call in time, before anything is sent', async () => {
  const { command, out } = await prepare(3, {});
  // Accepts, reads, and never says a word.
  const silent = createServer((socket) => socket.resume().on('error', () => {}));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const directory = temporaryDirectory();
  const credentials = {
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `http://${host}/v1/token`,
    credential_source: { file: writeFile(directory, 'subject', 'subject-swordfish') },
  };
  const env = {
    GOOGLE_APPLICATION_CREDENTIALS: writeFile(directory, 'credentials.json', JSON.stringify(credentials)),
    GOOGLE_CLOUD_PROJECT: 'acme',
    GOOGLE_CLOUD_LOCATION: 'global',
  };
  const flags = ['--timeout-ms', '1000'];
  const [definition = '', input = ''] = command.slice(1, 3);
  const run = await gleanerProcess(['run', definition, input, '--out', out, ...flags], { env });
  expect(run).toMatchObject({ code: 3, stdout: '' });
  expect(run.stderr).toBe(
    `error: No access token from ${host} within 900 ms: the token service does not answer. Nothing was sent; the same command tries again\n`,
  );
  expect(existsSync(out)).toBe(false);

  const call = await gleanerProcess(['call', '--model', 'google/gemini-2.5-flash', '--prompt', 'x', ...flags], { env });
  expect(call).toMatchObject({ code: 3, stdout: '' });
  expect(call.stderr).toContain(`No access token from ${host} within 900 ms`);
});
