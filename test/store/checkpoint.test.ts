import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ReportAggregates } from '../../src/accounting/run-profile.ts';
import { UsageTally } from '../../src/accounting/usage-tally.ts';
import { readCheckpoint, takeCheckpoint, type CheckedLog, type SavedRun } from '../../src/store/checkpoint.ts';
import { HashedIdSet } from '../../src/store/hashed-id-set.ts';
import { attemptEntry, resultEntry } from './run-files.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const KEY = 'this run';

function idsOf(count: number): HashedIdSet {
  const ids = new HashedIdSet();
  for (let row = 0; row < count; row += 1) ids.add(`r${row}`, row);
  return ids;
}

/** `meanwhile` is called whenever the writing lets others at work. */
async function writtenCheckpoint(
  seenIds = idsOf(1),
  meanwhile = (): void => undefined,
): Promise<{
  path: string;
  logs: Record<CheckedLog, string>;
  saved: SavedRun;
}> {
  const directory = temporaryDirectory();
  const logs = {
    results: join(directory, 'results'),
    rejects: join(directory, 'rejects'),
    attempts: join(directory, 'attempts'),
  };
  writeFileSync(logs.results, `${JSON.stringify(resultEntry(0))}\n`);
  writeFileSync(logs.rejects, '');
  writeFileSync(logs.attempts, `${JSON.stringify(attemptEntry(1, 0, 'extracted'))}\n`);
  const tally = new UsageTally({ priceCall: () => 5, model: 'a-model' });
  const aggregates = new ReportAggregates();
  tally.addAttempt(attemptEntry(1, 0, 'extracted'));
  aggregates.addResult(resultEntry(0));
  const savedTally = tally.save();
  if (savedTally === undefined) throw new Error('A ledger of one model can be saved');
  const saved: SavedRun = {
    rows: 1,
    seenIds: seenIds.save(),
    endedRows: new Uint32Array([1]),
    badRows: new Uint32Array([0]),
    settledCalls: new Uint32Array([2]),
    extracted: 1,
    reused: 0,
    rejected: 0,
    nextCall: 2,
    tally: savedTally,
    aggregates: aggregates.save(),
    spent: { tokens: 3, nanoUsd: 4 },
    usedPrices: [],
  };
  const path = join(directory, 'checkpoint.bin');
  const writing = takeCheckpoint(path, saved, { key: KEY, logs })(() => undefined);
  const others = setInterval(meanwhile, 0);
  await writing.finally(() => clearInterval(others));
  return { path, logs, saved };
}

test('a checkpoint is read back as it was written, and says how much of each log it stands for', async () => {
  const { path, logs, saved } = await writtenCheckpoint();
  const size = (log: CheckedLog): number => readFileSync(logs[log]).length;
  expect(readCheckpoint(path, { key: KEY, logs })).toEqual({
    saved,
    sizes: { results: size('results'), rejects: 0, attempts: size('attempts') },
  });
});

test('a checkpoint with one wrong byte, or without its end, is none', async () => {
  const { path, logs } = await writtenCheckpoint();
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at += 1 + Math.floor(at / 8)) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 0x10;
    writeFileSync(path, damaged);
    expect(readCheckpoint(path, { key: KEY, logs })).toBeUndefined();
    writeFileSync(path, whole.subarray(0, at));
    expect(readCheckpoint(path, { key: KEY, logs })).toBeUndefined();
  }
  writeFileSync(path, whole);
  expect(readCheckpoint(path, { key: KEY, logs })).toBeDefined();
});

test('a checkpoint counts while its logs only grow, and no longer once what it stands for is another', async () => {
  const { path, logs } = await writtenCheckpoint();
  const read = () => readCheckpoint(path, { key: KEY, logs });
  expect(readCheckpoint(path, { key: 'another run', logs })).toBeUndefined();
  const before = readFileSync(logs.results);
  appendFileSync(logs.results, `${JSON.stringify(resultEntry(1))}\n`);
  expect(read()?.sizes.results).toBe(before.length);
  writeFileSync(logs.results, readFileSync(logs.results, 'utf8').replace('"index":0', '"index":7'));
  expect(read()).toBeUndefined();
  truncateSync(logs.results, before.length - 2);
  expect(read()).toBeUndefined();
});

test('a large checkpoint is written in pieces, and holds the ids of its time however many are added meanwhile', async () => {
  const [before, behind] = [60_000, 200_000];
  const seenIds = idsOf(before);
  let turns = 0;
  let row = before;
  const { path, logs } = await writtenCheckpoint(seenIds, () => {
    turns += 1;
    for (let count = 0; count < 2000 && row < behind; count += 1) seenIds.add(`r${row}`, row++);
  });
  // 131,072 places of 20 bytes, a mebibyte at a time.
  expect(turns).toBeGreaterThan(0);
  const read = readCheckpoint(path, { key: KEY, logs })?.saved.seenIds;
  const ids = new HashedIdSet();
  if (read !== undefined) ids.load(read);
  let wrong = 0;
  for (let id = 0; id < before; id += 1) if (ids.ordinalOf(`r${id}`) !== id) wrong += 1;
  for (let id = before; id < row; id += 1) if ((ids.ordinalOf(`r${id}`) ?? id) !== id) wrong += 1;
  expect(row).toBeGreaterThan(before);
  expect(wrong).toBe(0);
  for (let id = before; id < behind; id += 1) ids.add(`r${id}`, id);
  expect(ids.ordinalOf(`r${behind - 1}`)).toBe(behind - 1);
});

test('ids that were added while a checkpoint was written are counted, so that the table grows in time', async () => {
  const before = 1435;
  const seenIds = idsOf(before);
  let row = before;
  const { path, logs } = await writtenCheckpoint(seenIds, () => {
    for (; row < 2860; row += 1) seenIds.add(`r${row}`, row);
  });
  const ids = new HashedIdSet();
  const read = readCheckpoint(path, { key: KEY, logs })?.saved.seenIds;
  if (read !== undefined) ids.load(read);
  for (let id = before; id < 5000; id += 1) ids.add(`r${id}`, id);
  expect(ids.size).toBe(5000);
  expect(ids.has('r5000')).toBe(false);
});
