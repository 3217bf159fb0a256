import { expect, test } from 'vitest';
import { z } from 'zod';
import { zeroUsage } from '../../../src/completion/usage.ts';
import { defineExtraction } from '../../../src/extraction/define-extraction.ts';
import { compilePrompt } from '../../../src/extraction/prompt.ts';
import { compileRecordId } from '../../../src/extraction/record-id.ts';
import type { RecordFields, SourceRow } from '../../../src/records/record.ts';
import type { RecordTask } from '../../../src/run/ports.ts';
import type { Outcome } from '../../../src/run/record/outcome.ts';
import { PendingRecords, type PendingRecordsOptions } from '../../../src/run/session/pending-records.ts';
import { contentKey, emptyState, type RecoveredState } from '../../../src/store/recover.ts';

type Given = RecordFields | { unreadable: string };

interface Feed {
  feed: PendingRecords;
  /** Ends that no call decided. */
  ended: Outcome[];
  /** How many rows were read. */
  read(): number;
}

/** Records by id and text; the fingerprint of one is its text. */
function feedOf(given: readonly Given[], options: Partial<PendingRecordsOptions> = {}): Feed {
  const ended: Outcome[] = [];
  let read = 0;
  const rows = given.map((row, index): SourceRow => {
    const place = { index, line: index + 2 };
    return 'unreadable' in row
      ? { kind: 'unreadable', ...place, message: 'It has three cells of two', text: String(row['unreadable']) }
      : { kind: 'record', ...place, fields: row };
  });
  const extraction = defineExtraction({
    name: 'note',
    model: 'google/gemini-test',
    schema: z.object({ total: z.number() }),
    instructions: 'Read.',
    prompt: '{{text}}',
    id: 'id',
  });
  const feed = new PendingRecords({
    rows: (async function* () {
      for (const row of rows) {
        read += 1;
        yield await Promise.resolve(row);
      }
    })(),
    limit: Number.POSITIVE_INFINITY,
    prompt: compilePrompt(extraction),
    recordId: compileRecordId(extraction),
    mediaRoot: '/',
    fingerprint: (messages) => String(messages.at(-1)?.content),
    recovered: endedBefore(),
    carryOver: () => undefined,
    onEnd: (outcome) => ended.push(outcome),
    ...options,
  });
  return { feed, ended, read: () => read };
}

/** What an earlier session left: records by row, id and the text that was answered. */
function endedBefore(...records: { row: number; id: string; text: string }[]): RecoveredState {
  const state = emptyState();
  for (const { row, id, text } of records) {
    state.endedRows.add(row);
    state.endedIds.add(id);
    state.endedContents.add(contentKey(id, text));
  }
  return state;
}

async function rest(feed: PendingRecords): Promise<string[]> {
  const ids: string[] = [];
  for (let task = await feed.next(); task !== undefined; task = await feed.next()) ids.push(task.id);
  return ids;
}

const a = { id: 'a', text: 'alpha' };
const b = { id: 'b', text: 'beta' };
const c = { id: 'c', text: 'gamma' };

test('records are handed out in the order of the input, each once, and no row is read before it is asked for', async () => {
  const { feed, read } = feedOf([a, b, c]);
  expect(read()).toBe(0);
  expect(await feed.next()).toMatchObject({ id: 'a', index: 0, fingerprint: 'alpha' });
  expect(read()).toBe(1);
  const together = await Promise.all([feed.next(), feed.next(), feed.next()]);
  expect(together.map((task) => task?.id)).toEqual(['b', 'c', undefined]);
});

test('a row that cannot be read, has no id or one that came before is rejected with its line, and the others go on', async () => {
  const { feed, ended } = feedOf([a, { unreadable: 'x,y,z' }, { text: 'no id' }, { ...b, id: 'a' }, c]);
  expect(await rest(feed)).toEqual(['a', 'c']);
  expect(ended.map((end) => end.status === 'rejected' && [end.reason.code, end.reason.line, end.recordId])).toEqual([
    ['bad_record', 3, null],
    ['bad_record', 4, null],
    ['bad_record', 5, 'a'],
  ]);
  expect(ended[0]).toMatchObject({ record: 'x,y,z', attempts: 0, usage: zeroUsage });
});

test('what an earlier session ended is passed over, wherever in the input it stands now', async () => {
  const recovered = endedBefore({ row: 0, id: 'a', text: 'alpha' }, { row: 1, id: 'c', text: 'gamma' });
  expect(await rest(feedOf([a, c, b], { recovered }).feed)).toEqual(['b']);
  // The rows have moved; one at a place that had ended is another record, though.
  await expect(rest(feedOf([b, a, c], { recovered }).feed)).rejects.toThrow(/line 2 .* its id was another then/);
});

test('a record that is not what was answered any more stops the run before anything is asked for it', async () => {
  const recovered = endedBefore({ row: 0, id: 'a', text: 'alpha' });
  const { feed } = feedOf([{ id: 'a', text: 'changed' }, b], { recovered });
  await expect(feed.next()).rejects.toMatchObject({ code: 'input-changed', facts: { advice: 'changes', line: 2 } });
});

test('a bad row that was rejected before is not rejected again', async () => {
  const recovered = endedBefore();
  recovered.endedRows.add(0);
  recovered.badRows.add(0);
  const { feed, ended } = feedOf([{ unreadable: 'x,y,z' }, b], { recovered });
  expect(await rest(feed)).toEqual(['b']);
  expect(ended).toEqual([]);
});

test('an answer of another run ends its record without a call', async () => {
  const carried: Outcome = {
    status: 'extracted',
    recordId: 'a',
    index: 0,
    data: { total: 1 },
    json: { total: 1 },
    attempts: 0,
    usage: zeroUsage,
    fingerprint: 'alpha',
    isReused: true,
  };
  const carryOver = ({ id }: RecordTask) => (id === 'a' ? Promise.resolve(carried) : undefined);
  const { feed, ended } = feedOf([a, b], { carryOver });
  expect(await rest(feed)).toEqual(['b']);
  expect(ended).toEqual([carried]);
});

test('a prompt that fails for the first records is no verdict on them until it has worked for one', async () => {
  const failing = (isOdd: (fields: RecordFields) => boolean): Partial<PendingRecordsOptions> => ({
    prompt: {
      render: (fields: RecordFields) =>
        isOdd(fields)
          ? { ok: false, message: 'The prompt threw', isOfDefinition: true }
          : { ok: true, messages: [{ role: 'user', content: 'x' }] },
    } as unknown as PendingRecordsOptions['prompt'],
  });
  const some = feedOf(
    [a, b, c],
    failing(({ id }) => id !== 'c'),
  );
  expect(await rest(some.feed)).toEqual(['c']);
  expect(some.ended).toHaveLength(2);
  expect(some.ended[0]).toMatchObject({ recordId: 'a', reason: { code: 'definition_error' } });

  const all = feedOf(
    [a, b, c],
    failing(() => true),
  );
  await expect(all.feed.next()).rejects.toThrow(/any of the first 3 records.*nothing was sent/);
  expect(all.ended).toEqual([]);
  await expect(all.feed.next()).rejects.toThrow(/first 3/);
});

test('no more rows are taken than the limit, and those that nobody took are counted without the ended ones', async () => {
  const recovered = endedBefore({ row: 2, id: 'c', text: 'gamma' });
  const limited = feedOf([a, b, c], { limit: 2 });
  expect(await rest(limited.feed)).toEqual(['a', 'b']);
  expect(limited.feed.rowsTaken).toBe(2);
  const { feed } = feedOf([a, b, c, { id: 'd', text: 'delta' }], { recovered });
  await feed.next();
  expect(await feed.countRest(Date.now() + 10_000)).toBe(2);
});

test('how many are left is not known where time is up or the input broke', async () => {
  expect(await feedOf([a, b]).feed.countRest(0)).toBeUndefined();
  const broken = feedOf([a], {
    rows: (async function* (): AsyncGenerator<SourceRow> {
      yield await Promise.resolve({ kind: 'record', index: 0, line: 2, fields: a });
      throw new Error('The disk is gone');
    })(),
  });
  await broken.feed.next();
  await expect(broken.feed.next()).rejects.toThrow('The disk is gone');
  expect(await broken.feed.countRest(Date.now() + 10_000)).toBeUndefined();
});
