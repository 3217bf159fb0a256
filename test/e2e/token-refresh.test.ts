import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startEmulator, type Emulator, type TokenOptions } from 'gleaner/emulator';
import {
  accountFor,
  noteDefinition,
  noteRecords,
  readRun,
  root,
  temporaryDirectory,
  writeFile,
  type RunFiles,
} from './harness.ts';

/**
 * The command refuses to send Google's credentials anywhere but to Google. So a program of its own, a child process, puts
 * together what the command puts together: the built client and run, with credentials that google-auth-library finds by
 * itself in the environment and gets from the emulator's token routes over loopback.
 */
const program = `
import { createVertexClient, loadDefinition, run } from ${JSON.stringify(pathToFileURL(join(root, 'dist/index.js')).href)};
import { createCredentials } from ${JSON.stringify(pathToFileURL(join(root, 'dist/vertex/credentials.js')).href)};
const [definition, input, out, baseUrl] = process.argv.slice(2);
const client = createVertexClient({ baseUrl, auth: createCredentials({ kind: 'adc' }) });
const { extraction } = await loadDefinition(definition);
await run(extraction, { input, out, client, concurrency: 4 });
await client.close();
`;

interface Night {
  emulator: Emulator;
  directory: string;
  runWith(env: Record<string, string>, records: number): Promise<RunFiles>;
}

async function prepare(tokens: TokenOptions, latencyMs: number): Promise<Night> {
  const emulator = await startEmulator({ latencyMs, tokens: { accept: 'issued', ...tokens } });
  onTestFinished(() => emulator.close());
  const directory = temporaryDirectory();
  const script = writeFile(directory, 'program.mjs', program);
  const definition = writeFile(directory, 'note.ts', noteDefinition);
  return {
    emulator,
    directory,
    async runWith(env, records) {
      const input = writeFile(directory, 'notes.jsonl', noteRecords(records));
      const out = join(directory, 'run');
      // No HOME of the user's, no credentials of the machine's: only what is given here.
      const child = spawn(process.execPath, [script, definition, input, out, emulator.baseUrl()], {
        cwd: root,
        env: { PATH: process.env['PATH'] ?? '', HOME: directory, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      const output: Buffer[] = [];
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk));
      const code = await new Promise((resolve) => child.once('close', resolve));
      expect({ code, output: Buffer.concat(output).toString() }).toEqual({ code: 0, output: '' });
      for (const name of readdirSync(out)) expect(readFileSync(join(out, name), 'utf8')).not.toContain('ya29.');
      return readRun(out);
    },
  };
}

function metadataServer(emulator: Emulator): Record<string, string> {
  return { GCE_METADATA_HOST: new URL(emulator.origin).host, METADATA_SERVER_DETECTION: 'assume-present' };
}

test('a token that is refused mid-run is replaced, and the run goes on without a loss', async () => {
  // The library believes in the token for an hour; the service does not, as after a revocation.
  const { emulator, runWith } = await prepare({ lifetimeMs: 1500, statedLifetimeMs: 3_600_000 }, 20);
  const records = 400;
  const run = await runWith(metadataServer(emulator), records);
  accountFor(run);
  expect([run.results.length, run.rejects.length]).toEqual([records, 0]);
  const { byStatus, tokensIssued, tokens, requests } = emulator.stats();
  expect(byStatus['401']).toBeGreaterThanOrEqual(1);
  expect(byStatus['200']).toBe(records);
  // One token at first, and one for each wave of refusals: calls in flight together do not each get their own.
  expect(tokensIssued).toBeGreaterThanOrEqual(2);
  expect(tokensIssued).toBeLessThanOrEqual(1 + (byStatus['401'] ?? 0));
  expect(run.usage.calls).toMatchObject({ sent: requests, byStatus: { 200: records, 401: byStatus['401'] } });
  expect(run.usage.tokens).toMatchObject({ total: tokens.total, wasted: 0 });
  const [refused] = run.attempts.filter(({ status }) => status === 401);
  const history = run.attempts.filter(({ id }) => id === refused?.id);
  expect(history.map(({ kind, status, outcome }) => [kind, status, outcome])).toEqual([
    ['first', 401, 'failed'],
    ['retry', 200, 'extracted'],
  ]);
});

test('a token that is about to end is replaced before anybody refuses it', async () => {
  // Whether it is about to end is asked once a second: two seconds of calls ask more than once.
  const { emulator, runWith } = await prepare({ lifetimeMs: 60_000 }, 200);
  const run = await runWith(metadataServer(emulator), 40);
  expect(run.results).toHaveLength(40);
  expect(emulator.stats().byStatus).toEqual({ 200: 40 });
  expect(emulator.stats().tokensIssued).toBeGreaterThan(1);
});

test('a workload identity file gets its tokens by token exchange', async () => {
  const { emulator, directory, runWith } = await prepare({ lifetimeMs: 1500, statedLifetimeMs: 3_600_000 }, 20);
  const subject = writeFile(directory, 'subject-token', 'a-token-of-another-cloud');
  const credentials = writeFile(
    directory,
    'credentials.json',
    JSON.stringify({
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${emulator.origin}/v1/token`,
      credential_source: { file: subject },
    }),
  );
  const run = await runWith({ GOOGLE_APPLICATION_CREDENTIALS: credentials }, 400);
  accountFor(run);
  expect([run.results.length, run.rejects.length]).toEqual([400, 0]);
  const { byStatus, tokensIssued } = emulator.stats();
  expect(byStatus['401']).toBeGreaterThanOrEqual(1);
  expect(tokensIssued).toBeGreaterThanOrEqual(2);
});
