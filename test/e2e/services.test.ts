import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  createVertexClient,
  loadDefinition,
  retryRejects,
  run,
  type CompletionClient,
  type RecordFields,
} from 'gleaner';
import { prepareExtraction } from '../../src/run/prepare-extraction.ts';
import {
  emulatorFor,
  gleaner,
  noteDefinition,
  noteRecords,
  readRun,
  temporaryDirectory,
  writeFile,
  type CommandResult,
} from './harness.ts';

interface ChatServer {
  /** Flags that send a command there. */
  flags: string[];
  port: number;
  readonly requests: number;
}

/** A model server as people run it themselves; every answer says who gave it. */
async function modelServer(name: string, options: { path?: string; status?: number } = {}): Promise<ChatServer> {
  let requests = 0;
  const server = createServer((request, response) => {
    request.resume();
    if (request.method !== 'POST') return void response.writeHead(404).end();
    requests += 1;
    const message = { role: 'assistant', content: JSON.stringify({ name, total: 1 }) };
    const choices = [{ index: 0, finish_reason: 'stop', message }];
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
    response.writeHead(options.status ?? 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ object: 'chat.completion', choices, usage }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    flags: ['--base-url', `http://127.0.0.1:${port}${options.path ?? '/v1'}`],
    port,
    get requests() {
      return requests;
    },
  };
}

const googlePath = '/v1/projects/p/locations/global/endpoints/openapi';

function prepare(): { directory: string; definition: string; input: string; cache: string; out(name: string): string } {
  const directory = temporaryDirectory();
  return {
    directory,
    definition: writeFile(directory, 'note.ts', noteDefinition),
    input: writeFile(directory, 'notes.jsonl', noteRecords(4)),
    cache: join(directory, 'answers.db'),
    out: (name) => join(directory, name),
  };
}

function namesIn(out: string): unknown[] {
  return [...new Set(readRun(out).results.map(({ data }) => (data as { name: unknown }).name))];
}

function serviceIn(out: string): unknown {
  const manifest = JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')) as { identity: { service: unknown } };
  return manifest.identity.service;
}

describe("an answer of the emulator never passes for a model's", () => {
  test('by flag and by base URL it is the same emulator, whose answers cost nothing', async () => {
    const { definition, input, cache, out } = prepare();
    const { flags, env } = await emulatorFor();
    const byFlag = await gleaner(['run', definition, input, '--out', out('a'), '--emulator', '--cache', cache]);
    const byUrl = await gleaner(['run', definition, input, '--out', out('b'), '--cache', cache, ...flags], { env });
    expect([byFlag.code, byUrl.code]).toEqual([0, 0]);
    expect([serviceIn(out('a')), serviceIn(out('b'))]).toEqual(['emulator', 'emulator']);
    expect(readRun(out('b')).usage.records.reused).toBe(4);
    const fresh = await gleaner(['run', definition, input, '--out', out('c'), ...flags], { env });
    expect(fresh.stderr).toContain('the emulator answered, and nothing was billed');
    const report = await gleaner(['report', out('c')]);
    expect(report.stdout).toContain('the emulator answered, and nothing was billed');
  });

  test('through a cache that it filled, or that was rebuilt from its run', async () => {
    const { definition, input, cache, out } = prepare();
    const { flags, env } = await emulatorFor();
    const model = await modelServer('model', { path: googlePath });
    await gleaner(['run', definition, input, '--out', out('a'), '--cache', cache, ...flags], { env });
    await gleaner(['run', definition, input, '--out', out('b'), '--cache', cache, ...model.flags]);
    expect(namesIn(out('b'))).toEqual(['model']);
    const rebuilt = join(out('.'), 'rebuilt.db');
    expect((await gleaner(['cache', 'rebuild', out('a'), '--cache', rebuilt])).code).toBe(0);
    await gleaner(['run', definition, input, '--out', out('c'), '--cache', rebuilt, ...model.flags]);
    expect(namesIn(out('c'))).toEqual(['model']);
    expect(model.requests).toBe(8);
  });

  test.each([{ more: [] }, { more: ['--accept-changes'] }])(
    'in a directory that is continued, not even with $more',
    async ({ more }) => {
      const { definition, input, out } = prepare();
      const { flags, env } = await emulatorFor();
      const model = await modelServer('model', { path: googlePath });
      await gleaner(['run', definition, input, '--out', out('a'), '--limit', '2', ...flags], { env });
      const { code, stderr } = await gleaner(['run', definition, input, '--out', out('a'), ...model.flags, ...more]);
      expect(stderr).toContain(`its answers came from the emulator, and would come from 127.0.0.1:${model.port}`);
      const retried = await gleaner(['retry', out('a'), ...model.flags]);
      expect(retried.stderr).toContain('its answers came from the emulator');
      await gleaner(['run', definition, input, '--out', out('b'), '--limit', '2', ...model.flags]);
      const back = await gleaner(['run', definition, input, '--out', out('b'), ...flags, ...more], { env });
      expect(back.stderr).toContain('would come from the emulator now');
      expect([code, retried.code, back.code]).toEqual([2, 2, 2]);
      expect(model.requests).toBe(2);
    },
  );

  test('in a program, which need not say what its client calls', async () => {
    const { definition: file, input, cache, out } = prepare();
    const { definition } = { definition: (await loadDefinition(file)).extraction };
    const { emulator } = await emulatorFor({ script: [{ contains: 'Note 3', fault: 'status-400-array' }] });
    const auth = { kind: 'token', token: 'any' } as const;
    const emulated = createVertexClient({ baseUrl: emulator.baseUrl(), auth });
    const model = await modelServer('model', { path: googlePath });
    const real = createVertexClient({ baseUrl: model.flags[1] });
    // A client of one's own that hides what it is: its answers stay its own.
    const wrapped: CompletionClient = { complete: (request, options) => emulated.complete(request, options) };
    onTestFinished(async () => {
      await emulated.close();
      await real.close();
    });
    await run(definition, { input, out: out('a'), client: emulated, cache, limit: 2 });
    await run(definition, { input, out: out('w'), client: wrapped, cache });
    await run(definition, { input, out: out('b'), client: real, cache });
    expect(namesIn(out('b'))).toEqual(['model']);
    await expect(run(definition, { input, out: out('a'), client: real })).rejects.toMatchObject({
      code: 'service-differs',
    });
    await expect(retryRejects(definition, { out: out('a'), client: real })).rejects.toMatchObject({
      code: 'service-differs',
    });
  });
});

describe('answers of one service are not reused for another', () => {
  test('nor do two endpoints share a directory or a cache', async () => {
    const { definition, input, cache, out } = prepare();
    const [one, two] = [await modelServer('one'), await modelServer('two')];
    const at = (server: ChatServer, name: string, ...more: string[]): Promise<CommandResult> =>
      gleaner(['run', definition, input, '--out', out(name), ...server.flags, ...more]);
    await at(one, 'a', '--endpoint', '111', '--cache', cache);
    await at(two, 'b', '--endpoint', '222', '--cache', cache);
    expect([namesIn(out('a')), namesIn(out('b'))]).toEqual([['one'], ['two']]);
    await at(one, 'c', '--limit', '2');
    const refused = await at(two, 'c');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`from 127.0.0.1:${one.port}/v1, and would come from 127.0.0.1:${two.port}/v1 now`);
    const accepted = await at(two, 'c', '--accept-changes');
    expect(accepted.code).toBe(0);
    expect(namesIn(out('c'))).toEqual(['two']);
  });

  test('and two endpoints of the emulator are told apart like those of a service', async () => {
    const { definition, input, cache, out } = prepare();
    const run = (endpoint: string): Promise<CommandResult> => {
      const flags = ['--emulator', '--endpoint', endpoint, '--cache', cache];
      return gleaner(['run', definition, input, '--out', out(endpoint), ...flags]);
    };
    await run('111');
    await run('222');
    expect(readRun(out('222')).usage.records).toMatchObject({ extracted: 4, reused: 0 });
  });
});

describe('a directory from before services had names', () => {
  /** Turns a directory into what the version before wrote; answers had the fingerprints that Vertex AI's have. */
  async function age(out: string, file: string, url: string): Promise<void> {
    const path = join(out, 'run.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, unknown>>;
    manifest['identity'] = { ...manifest['identity'], service: 'service' };
    manifest['settings'] = { ...manifest['settings'], service: url };
    writeFileSync(path, JSON.stringify(manifest));
    const { extraction } = await loadDefinition(file);
    const prepared = await prepareExtraction(extraction, { client: {} });
    const rows = noteRecords(4).trim().split('\n');
    const lines = readRun(out).results.map((entry) => {
      const prompt = prepared.prompt.render(JSON.parse(rows[entry.index] ?? '') as RecordFields);
      if (!prompt.ok) throw new Error(prompt.message);
      return `${JSON.stringify({ ...entry, fingerprint: prepared.formerFingerprints(prompt.messages)[0] })}\n`;
    });
    writeFileSync(join(out, 'results.jsonl'), lines.join(''));
  }

  test('is continued with its own service only, and fills no cache with answers that might be of another', async () => {
    const { definition, input, cache, out } = prepare();
    const [one, two] = [await modelServer('one'), await modelServer('two')];
    const at = (server: ChatServer, ...more: string[]): Promise<CommandResult> =>
      gleaner(['run', definition, input, '--out', out('a'), ...server.flags, ...more]);
    await at(one, '--limit', '2');
    await age(out('a'), definition, `http://127.0.0.1:${one.port}/v1/chat/completions`);
    const others = [await at(two), await at(two, '--accept-changes')];
    expect(others.map(({ code }) => code)).toEqual([2, 2]);
    const rebuilt = await gleaner(['cache', 'rebuild', out('a'), '--cache', cache]);
    expect(rebuilt.code).toBe(2);
    expect(rebuilt.stderr).toContain('from before services had names');
    expect((await at(one)).code).toBe(0);
    expect([one.requests, two.requests]).toEqual([4, 0]);
    expect(serviceIn(out('a'))).toBe('service');
  });
});
