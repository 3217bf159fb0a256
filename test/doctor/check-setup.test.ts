import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApiError } from '../../src/completion/api-error.ts';
import { checkNode } from '../../src/doctor/check-machine.ts';
import { checkModel } from '../../src/doctor/check-model.ts';
import type { CheckResult } from '../../src/doctor/check-result.ts';
import { checkSetup, type CheckSetupOptions } from '../../src/doctor/check-setup.ts';
import { GleanerError } from '../../src/gleaner-error.ts';
import type { VertexClient } from '../../src/vertex/client.ts';

const NOW = Date.parse('2026-11-20T10:00:00Z');

let directory = '';
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'gleaner-doctor-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function definition(name: string, text: string): void {
  mkdirSync(join(directory, 'schemas'), { recursive: true });
  writeFileSync(join(directory, 'schemas', `${name}.ts`), text);
}

const GOOD = `
import { defineExtraction } from 'gleaner';
import { z } from 'zod';
export default defineExtraction({ name: 'good', model: 'google/gemini-3.5-flash-lite', schema: z.object({ a: z.string() }), instructions: 'x', prompt: '{{text}}' });
`;

/** Answers as it is told to; what it is not told, it does not do. */
function clientOf(parts: Partial<VertexClient>): VertexClient {
  const reach = (): ReturnType<VertexClient['reach']> =>
    Promise.resolve({ origin: 'https://models.example', status: 404, date: NOW - 1000, roundTripMs: 40 });
  return {
    service: { name: 'models.example', isEmulated: false },
    reach,
    prepare: () => Promise.resolve(),
    ...parts,
  } as VertexClient;
}

async function check(options: CheckSetupOptions = {}): Promise<Record<string, CheckResult[]>> {
  const found: Record<string, CheckResult[]> = {};
  for await (const result of checkSetup({ directory, now: () => NOW, ...options }))
    (found[result.name] ??= []).push(result);
  return found;
}

test('all is well where it is, and nothing is sent', async () => {
  definition('good', GOOD);
  const found = await check({ client: clientOf({}) });
  const statuses = Object.fromEntries(
    Object.entries(found).map(([name, results]) => [name, results.map(({ status }) => status)]),
  );
  expect(statuses).toEqual({
    'Node.js': ['ok'],
    disk: [expect.stringMatching(/ok|warning/)],
    definition: ['ok'],
    model: ['ok'],
    network: ['ok'],
    clock: ['ok'],
    credentials: ['ok'],
    call: ['skipped'],
  });
  expect(found['model']?.[0]?.message).toMatch(
    /^google\/gemini-3\.5-flash-lite, \$[\d.]+ in and \$[\d.]+ out for a million tokens$/,
  );
});

test('a definition that does not load does not hide the others', async () => {
  definition('bad', 'export default 5 +;');
  definition('good', GOOD);
  const { definition: results } = await check();
  expect(results?.map(({ status }) => status)).toEqual(['failed', 'ok']);
  expect(results?.[0]?.message).toContain('bad.ts');
});

test('a definition that is named is the only one that counts', async () => {
  definition('bad', 'export default 5 +;');
  definition('good', GOOD);
  expect((await check({ definition: 'good' }))['definition']).toHaveLength(1);
  expect((await check({ definition: 'nothing' }))['definition']).toMatchObject([{ status: 'failed' }]);
});

test.each<[string, number | undefined, string, RegExp]>([
  ['a clock that is right', NOW - 2000, 'ok', /agree/],
  ['a clock that is a minute ahead', NOW - 60_000, 'warning', /is 60 s ahead of the service's/],
  ['a clock that is ten minutes behind', NOW + 600_000, 'failed', /is 600 s behind/],
  ['no date', undefined, 'skipped', /no date/],
])('%s', async (_name, date, status, message) => {
  const client = clientOf({
    reach: () => Promise.resolve({ origin: 'https://models.example', status: 200, date, roundTripMs: 0 }),
  });
  const { clock } = await check({ client });
  expect(clock).toMatchObject([{ status, message: expect.stringMatching(message) }]);
});

test('where nobody answers, what rests on an answer is skipped', async () => {
  const reach = (): Promise<never> =>
    Promise.reject(new ApiError('Cannot reach x: host name not found', { kind: 'network' }));
  const found = await check({ client: clientOf({ reach }), send: true });
  expect(found['network']).toMatchObject([{ status: 'failed', message: 'Cannot reach x: host name not found' }]);
  expect([found['clock']?.[0]?.status, found['credentials']?.[0]?.status, found['call']]).toEqual([
    'skipped',
    'skipped',
    undefined,
  ]);
});

test('without credentials no call is tried', async () => {
  const prepare = (): Promise<never> =>
    Promise.reject(new GleanerError('credentials-missing', 'There are no credentials'));
  const found = await check({ client: clientOf({ prepare }), send: true, model: 'google/gemini-3.5-flash-lite' });
  expect(found['credentials']).toMatchObject([{ status: 'failed', message: 'There are no credentials' }]);
  expect(found['call']).toMatchObject([{ status: 'skipped' }]);
});

test('one call a model is made where it is asked for, and says what it cost or why it failed', async () => {
  const asked: unknown[] = [];
  const complete = ((request: { model?: string }) => {
    asked.push(request.model);
    if (request.model === undefined)
      return Promise.reject(new ApiError('404 no such endpoint', { kind: 'status', status: 404 }));
    return Promise.resolve({
      usage: { prompt: 1000, cached: 0, completion: 1000, reasoning: 0, total: 2000 },
      trafficType: 'ON_DEMAND',
    });
  }) as unknown as VertexClient['complete'];
  const client = clientOf({ complete });
  const found = await check({ client, send: true, model: 'google/gemini-3.5-flash-lite' });
  expect(found['call']).toMatchObject([{ status: 'ok', message: expect.stringMatching(/it cost \$0\.00\d+$/) }]);
  expect((await check({ client, send: true, model: null }))['call']).toMatchObject([
    { status: 'failed', message: '404 no such endpoint' },
  ]);
  expect(asked).toEqual(['google/gemini-3.5-flash-lite', undefined]);
});

test.each([
  ['v20.19.0', 'ok'],
  ['v24.1.0', 'ok'],
  ['v20.18.9', 'failed'],
  ['v18.20.0', 'failed'],
])('Node.js %s is %s', (version, status) => expect(checkNode(version).status).toBe(status));

test.each<[string, string, RegExp]>([
  ['google/gemini-3.5-flash-light', 'warning', /did you mean google\/gemini-3\.5-flash-lite\?/],
  ['google/gemini-1.5-pro', 'failed', /name another model/],
  ['acme/own', 'warning', /look the name up/],
  ['meta/llama-9-maas', 'ok', /^$/],
])('the model %s: %s', (model, status, advice) => {
  const result = checkModel(model, NOW);
  expect(result.status).toBe(status);
  expect(result.advice ?? '').toMatch(advice);
});

test('a directory that is not there cannot be written', async () => {
  const found = await check({ directory: join(directory, 'nothing') });
  expect(found['disk']).toMatchObject([
    { status: 'failed', message: expect.stringContaining('no such file or directory') },
  ]);
});
