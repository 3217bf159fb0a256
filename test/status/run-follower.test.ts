import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { startEmulator } from '../../src/emulator/index.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { run } from '../../src/run/run.ts';
import { readRunNow } from '../../src/status/read-run-now.ts';
import { RunFollower, type RunState } from '../../src/status/run-follower.ts';
import { statusText } from '../../src/status/status-text.ts';
import { createVertexClient } from '../../src/vertex/client.ts';
import { result, runDirectory } from '../export/run-fixture.ts';

const note = defineExtraction({
  name: 'note',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ city: z.string().nullable() }),
  instructions: 'Extract the note.',
  prompt: '{{text}}',
});

describe('RunFollower', () => {
  test('reads a live run as it grows, from its files alone, and what usage.json says once it has ended', async () => {
    const out = mkdtempSync(join(tmpdir(), 'gleaner-status-'));
    const emulator = await startEmulator({ latencyMs: 5 });
    const client = createVertexClient({ baseUrl: emulator.baseUrl(), auth: { kind: 'token', token: 'x' } });
    onTestFinished(async () => {
      await client.close();
      await emulator.close();
      rmSync(out, { recursive: true, force: true });
    });
    const seen: RunState[] = [];
    let follower: RunFollower | undefined;
    let ended = 0;
    const summary = await run(note, {
      input: Array.from({ length: 60 }, (_, at) => ({ text: `City: Town ${at}` })),
      out,
      client,
      concurrency: 4,
      onEvent: ({ type }) => {
        if (type !== 'record-end' || (ended += 1) % 20 !== 10) return;
        follower ??= new RunFollower(out);
        const state = follower.read();
        seen.push({ ...state, usage: structuredClone(state.usage) });
      },
    });
    const live = seen.map(({ session, usage }) => [session.state, usage.status, usage.records.remaining]);
    expect(live).toEqual(Array.from({ length: 3 }, () => ['at work', 'running', null]));
    const extracted = seen.map(({ usage }) => usage.records.extracted);
    expect(extracted).toEqual(extracted.toSorted((left, right) => left - right));
    expect(extracted.at(-1)).toBeGreaterThan(40);
    expect(statusText(seen[1] as RunState, out)).toMatch(
      /^note in .*: at work \(process \d+ on .*\n {2}records .* extracted, 0 rejected\n/,
    );

    const { out: _, session: __, ...usage } = summary;
    expect(follower?.read()).toMatchObject({ session: { state: 'ended' }, usage, openCalls: { count: 0 } });
    expect(readRunNow(out).page()).toBe(readFileSync(join(out, 'report.html'), 'utf8'));
  });

  test('says of a killed run that the same command continues it, with the calls that it left open', () => {
    const directory = runDirectory({ results: [result(0, { a: 1 })], status: 'running' });
    const call = { call: 1, id: 'r1', index: 1, attempt: 1, kind: 'first', at: '2026-01-01T00:01:00.000Z' };
    writeFileSync(join(directory, 'inflight.jsonl'), `${JSON.stringify(call)}\n{"torn`);
    const before = readdirSync(directory).map((name) => [name, statSync(join(directory, name)).mtimeMs]);
    const state = new RunFollower(directory).read();
    expect(state).toMatchObject({
      session: { state: 'killed' },
      openCalls: { count: 1 },
      // As far as is known: the session began at midnight, and its only call was sent a minute later.
      usage: { records: { read: 2 }, wallMs: 60_000 },
    });
    expect(statusText(state, directory)).toContain('the last session was killed, and the same command continues');
    expect(readdirSync(directory).map((name) => [name, statSync(join(directory, name)).mtimeMs])).toEqual(before);
  });

  test('begins again where a file was replaced, as when rejects are tried again', () => {
    const reject = { id: 'r1', index: 1, error: { code: 'truncated', message: 'x' }, attempts: 1, record: {} };
    const directory = runDirectory({ results: [result(0, { a: 1 })], rejects: [reject], status: 'running' });
    const follower = new RunFollower(directory);
    expect(follower.read().usage.rejectsByCode).toEqual({ truncated: 1 });
    writeFileSync(join(directory, 'rejects.jsonl'), '');
    appendFileSync(join(directory, 'results.jsonl'), `${JSON.stringify(result(1, { a: 2 }))}\n`);
    expect(follower.read().usage).toMatchObject({ records: { extracted: 2, rejected: 0 }, rejectsByCode: {} });
  });

  test('names what is waited for: a service that refuses, or a pause without open calls', () => {
    const directory = runDirectory({ status: 'running' });
    const state = new RunFollower(directory).read();
    const at = new Date(Date.now() - 60_000).toISOString();
    const lastFailure = { status: 429, code: 'RESOURCE_EXHAUSTED' };
    const busy: RunState = { ...state, session: { state: 'at work', holder: null } };
    expect(statusText({ ...busy, recent: { calls: 10, failed: 8, lastFailure, lastAt: at } }, directory)).toMatch(
      /waits {5}for the service: 8 of the last 10 calls failed, the last one with 429 RESOURCE_EXHAUSTED/,
    );
    expect(statusText({ ...busy, recent: { calls: 10, failed: 0, lastFailure: null, lastAt: at } }, directory)).toMatch(
      /waits {5}no call is open, and the last one was sent 1 min 00 s ago/,
    );
  });
});
