import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { Budget } from '../../../src/accounting/budget.ts';
import { Prices } from '../../../src/accounting/prices.ts';
import { defineExtraction } from '../../../src/extraction/define-extraction.ts';
import { compilePrompt } from '../../../src/extraction/prompt.ts';
import { compileRecordId } from '../../../src/extraction/record-id.ts';
import type { SourceRow } from '../../../src/records/record.ts';
import type { Outcome } from '../../../src/run/record/outcome.ts';
import { Checkpoints } from '../../../src/run/session/checkpoints.ts';
import { readBack } from '../../../src/run/session/open-run.ts';
import { PendingRecords } from '../../../src/run/session/pending-records.ts';
import { RunJournal } from '../../../src/run/session/run-journal.ts';
import { fileNames, RunDirectory } from '../../../src/store/run-directory.ts';
import { temporaryDirectory } from '../../store/temporary-directory.ts';

// Directories are opened by the hundred here, and asking for the system's lock starts a program each time.
vi.mock('../../../src/files/os-lock.ts', () => ({ takeOsLock: () => ({ state: 'unavailable' }) }));

const MODEL = 'google/gemini-2.5-flash';
const KEY = 'the run';
const note = defineExtraction({
  name: 'note',
  model: MODEL,
  schema: z.object({ total: z.number() }),
  instructions: 'Read.',
  prompt: '{{text}}',
  id: 'id',
});

/** Sound records, some of which have the id of another, rows that cannot be read, and records that do not fit the prompt. */
const rows = Array.from({ length: 30 }, (_, index): SourceRow => {
  const place = { index, line: index + 1 };
  if (index % 11 === 4) return { kind: 'unreadable', ...place, message: 'It is torn', text: '{"id":' };
  if (index % 13 === 6) return { kind: 'record', ...place, fields: { id: `r${index}` } };
  const id = index % 7 === 5 ? `r${(index * 3) % 8}` : `r${index}`;
  return { kind: 'record', ...place, fields: { id, text: `text ${index}` } };
});

type End = 'extracted' | 'rejected' | 'failed' | 'open';

/** The beginning of a session, as far as it is the business of a checkpoint. */
async function open(out: string) {
  const directory = await RunDirectory.open(out);
  const prices = new Prices({ model: MODEL, now: () => Date.parse('2026-01-01') });
  const budget = new Budget({ prices });
  const killed = { add: () => undefined };
  const opened = readBack({ directory, budget, prices, model: MODEL, checkpointKey: KEY, onTrial: undefined, killed });
  const { recovered } = opened;
  const journal = new RunJournal({
    directory,
    ...opened,
    nextCall: recovered.nextCall,
    extracted: recovered.extracted,
    reused: recovered.reused,
    rejected: recovered.rejected,
    answers: undefined,
    emit: undefined,
    onFirstEntry: () => undefined,
    onAnswer: () => undefined,
  });
  const feed = new PendingRecords({
    rows: (async function* () {
      yield* rows;
    })(),
    limit: Number.POSITIVE_INFINITY,
    prompt: compilePrompt(note),
    recordId: compileRecordId(note),
    mediaRoot: '/',
    fingerprint: (messages) => `print of ${String(messages.at(-1)?.content)}`,
    recovered,
    carryOver: () => undefined,
    onEnd: (outcome) => journal.end(outcome),
  });
  const checkpoints = new Checkpoints({
    key: KEY,
    directory,
    opened,
    journal,
    feed,
    budget,
    prices,
    leastRecords: 1,
  });
  return { directory, prices, budget, opened, journal, feed, checkpoints };
}

type Session = Awaited<ReturnType<typeof open>>;

/** Takes a record for each of `ends`, and ends it so. */
async function work({ feed, journal, budget }: Session, ends: readonly End[]): Promise<void> {
  for (const end of ends) {
    const task = await feed.next();
    if (task === undefined) return;
    const { id, index, fingerprint } = task;
    const at = new Date(Date.parse('2026-01-01') + index * 1000).toISOString();
    const call = { id, index, attempt: 1, kind: 'first', at } as const;
    const mayCost = { tokens: 100 + index, nanoUsd: 2_000_000 };
    const { ordinal, isNoted } = journal.open({ ...call, mayCost });
    await isNoted;
    if (end === 'open') continue;
    const tokens = { prompt: 10 + index, cached: 0, completion: 5, reasoning: 0, total: 15 + index };
    const ended = { recordId: id, index, attempts: 1, usage: tokens, fingerprint };
    const outcome: Outcome | undefined =
      end === 'extracted'
        ? {
            status: 'extracted',
            ...ended,
            data: { total: index },
            isReused: false,
            json: { total: index % 4, name: `n${index}` },
          }
        : end === 'rejected'
          ? {
              status: 'rejected',
              ...ended,
              reason: { code: 'schema_violation', message: `no total ${index}` },
              record: task.fields,
            }
          : undefined;
    const entry = {
      call: ordinal,
      ...call,
      status: end === 'failed' ? 503 : 200,
      outcome: end === 'rejected' ? ('invalid' as const) : (end as 'extracted' | 'failed'),
      tokens: end === 'failed' ? { prompt: 0, cached: 0, completion: 0, reasoning: 0, total: 0 } : tokens,
      latencyMs: 7 * index,
    };
    budget.addEarlier(entry);
    journal.settle(entry, outcome);
  }
}

/** Ends as a killed process does: open calls stay noted, and what the last checkpoint lacks is in the logs, `meanwhile` among it. */
async function die(session: Session, hasCheckpoint: boolean, meanwhile: readonly End[]): Promise<void> {
  const { directory, checkpoints } = session;
  const writing = hasCheckpoint ? checkpoints.close() : undefined;
  await work(session, meanwhile).catch(() => undefined);
  await writing;
  vi.spyOn(directory, 'writeCheckpoint').mockResolvedValue();
  await checkpoints.close();
  directory.close({ keepInflight: true });
}

const logs = ['results', 'rejects', 'attempts'] as const;
type Log = (typeof logs)[number];

/** What can happen to a run directory between two sessions. */
const mishaps = {
  none: () => undefined,
  tear: (path: string) => appendFileSync(path, '{"id":"r9","ind'),
  cut: (path: string, at: number) => truncateSync(path, at),
  repeat: (path: string) => {
    const line = readFileSync(path, 'utf8').split('\n').at(-2);
    if (line !== undefined) appendFileSync(path, `${line}\n`);
  },
  repeatFirst: (path: string) => {
    const [line = ''] = readFileSync(path, 'utf8').split('\n');
    if (line !== '') appendFileSync(path, `${line}\n`);
  },
  edit: (path: string) => {
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('"total":1', '"total":3').replace('no total', 'no TOTAL'));
  },
  drop: (path: string) => {
    const [, ...lines] = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, lines.join('\n'));
  },
  copy: (path: string) => {
    const text = readFileSync(path);
    rmSync(path);
    writeFileSync(path, text);
  },
} satisfies Record<string, (path: string, at: number) => void>;

/** All that a session begins with and comes to, told by a run directory. */
async function reading(out: string): Promise<{ usesCheckpoint: boolean; told: unknown }> {
  const session = await open(out);
  const { directory, opened, feed, journal, budget, prices } = session;
  const { recovered, tally, aggregates } = opened;
  const { extracted, reused, rejected, openCalls, nextCall, notices } = recovered;
  const begun = {
    counts: [extracted, reused, rejected, openCalls, nextCall, notices],
    usage: tally.report(),
    profile: aggregates.profile(),
    rest: [aggregates.timeline(), aggregates.latency(), aggregates.causes(), aggregates.issuePaths()],
    examples: [...aggregates.rejectExamples()],
    callsPerResult: aggregates.callsPerResult(),
    spent: { ...budget.spent },
    prices: prices.used(),
    rows: rows.map(({ index }) => [recovered.endedRows.has(index), recovered.badRows.has(index)]),
  };
  const handed: unknown[] = [];
  let refusal: string | undefined;
  try {
    for (let task = await feed.next(); task !== undefined; task = await feed.next()) handed.push(task);
  } catch (error) {
    refusal = String(error);
  }
  const came = { handed, refusal, rowsTaken: feed.rowsTaken, extracted: journal.extracted, rejected: journal.rejected };
  const files = logs.map((log) => {
    session.directory.flush();
    return readFileSync(directory.file(log), 'utf8');
  });
  vi.spyOn(directory, 'writeCheckpoint').mockResolvedValue();
  await session.checkpoints.close();
  directory.close();
  return { usesCheckpoint: recovered.input !== undefined, told: { begun, came, files } };
}

const ends = fc.constantFrom<End>('extracted', 'extracted', 'rejected', 'failed', 'open');
const histories = fc.array(
  fc.record({
    ends: fc.array(ends, { maxLength: 9 }),
    hasCheckpoint: fc.boolean(),
    meanwhile: fc.array(ends, { maxLength: 3 }),
    mishap: fc.oneof(
      { weight: 3, arbitrary: fc.constant('none' as const) },
      { weight: 2, arbitrary: fc.constantFrom(...(Object.keys(mishaps) as (keyof typeof mishaps)[])) },
    ),
    log: fc.constantFrom<Log>(...logs),
    at: fc.nat({ max: 2000 }),
  }),
  { minLength: 1, maxLength: 5 },
);

test('a session that begins with a checkpoint is told what all of the logs tell, whatever became of the directory', async () => {
  let withCheckpoint = 0;
  await fc.assert(
    fc.asyncProperty(histories, async (sessions) => {
      const root = temporaryDirectory();
      const out = join(root, 'run');
      for (const { ends, hasCheckpoint, meanwhile, mishap, log, at } of sessions) {
        try {
          const session = await open(out);
          await work(session, ends).catch(() => undefined);
          await die(session, hasCheckpoint, meanwhile);
        } catch {
          // A log that was cut or edited may be refused, with a checkpoint and without.
        }
        const path = join(out, fileNames[log]);
        if (existsSync(path)) mishaps[mishap](path, Math.min(at, readFileSync(path).length));
      }
      const bare = join(root, 'bare');
      cpSync(out, bare, { recursive: true });
      rmSync(join(bare, fileNames.checkpoint), { force: true });
      const [expected, actual] = [await attempt(bare), await attempt(out)];
      if (actual.usesCheckpoint) withCheckpoint += 1;
      expect(expected.usesCheckpoint).toBe(false);
      expect(plain(actual.told, out)).toEqual(plain(expected.told, bare));
    }),
    { numRuns: 40 },
  );
  expect(withCheckpoint).toBeGreaterThan(5);
});

function attempt(out: string): Promise<{ usesCheckpoint: boolean; told: unknown }> {
  return reading(out).catch((error: unknown) => ({ usesCheckpoint: false, told: String(error) }));
}

function plain(told: unknown, out: string): unknown {
  return typeof told === 'string' ? told.replaceAll(out, 'OUT') : told;
}
