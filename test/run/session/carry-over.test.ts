import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { judgeText, judgeValue } from '../../../src/answer/judge-answer.ts';
import { zeroUsage } from '../../../src/completion/usage.ts';
import type { RecordTask } from '../../../src/run/ports.ts';
import type { Outcome } from '../../../src/run/record/outcome.ts';
import { carryOver } from '../../../src/run/session/carry-over.ts';
import { openAnswerCache } from '../../../src/store/answer-cache.ts';
import type { CachedAnswer } from '../../../src/store/answer-cache-table.ts';
import type { RejectEntry, ResultEntry } from '../../../src/store/entries.ts';
import { Superseded } from '../../../src/store/superseded.ts';
import type { ZodSchema } from '../../../src/schema/zod-schema.ts';
import { temporaryDirectory } from '../../store/temporary-directory.ts';

const fingerprint = '0'.repeat(32);
const task: RecordTask = { id: 'a', index: 3, fields: { text: 't' }, messages: [], fingerprint };
const at = '2026-11-23T10:00:00.000Z';
const tokens = { ...zeroUsage, total: 7 };

const asItCame = z.object({ amount: z.number() });
const strict = z.object({ amount: z.number().max(3) });
const inCents = z.object({ amount: z.number().transform((amount) => amount * 100) });

interface Earlier {
  cached?: Omit<CachedAnswer, 'at'>;
  result?: Pick<ResultEntry, 'data' | 'answer'>;
  reject?: Pick<RejectEntry, 'error' | 'answer'>;
  isFormer?: boolean;
}

/** How the record ends today, by a schema, after what is known of it. */
async function carried(schema: ZodSchema, earlier: Earlier): Promise<Outcome | undefined> {
  const directory = temporaryDirectory();
  const base = { id: 'a', index: 1, attempts: 2, tokens, fingerprint };
  const lines = { results: earlier.result, rejects: earlier.reject && { ...earlier.reject, record: {} } };
  for (const [name, line] of Object.entries(lines)) {
    if (line === undefined) continue;
    writeFileSync(join(directory, `superseded-1.${name}.jsonl`), `${JSON.stringify({ ...base, ...line })}\n`);
  }
  const superseded = Superseded.open(directory);
  const { cache } = await openAnswerCache(join(directory, 'answers.db'));
  onTestFinished(() => {
    superseded?.close();
    cache.close();
  });
  if (earlier.cached !== undefined) cache.put(fingerprint, { ...earlier.cached, at });
  return carryOver(task, {
    superseded,
    cache,
    isFormer: earlier.isFormer ?? false,
    judgeAgain: (answer) => ('text' in answer ? judgeText(answer.text, schema) : judgeValue(answer.value, '', schema)),
  });
}

test('carryOver makes of an answer of another day what the schema of today makes of it', async () => {
  const answer = { amount: 5 };
  for (const earlier of [{ cached: { data: answer, answer } }, { result: { data: answer } }]) {
    expect(await carried(asItCame, earlier)).toMatchObject({ status: 'extracted', json: answer, isReused: true });
    // A transform was added.
    expect(await carried(inCents, earlier)).toMatchObject({ json: { amount: 500 }, answer });
  }
  const transformed = { data: { amount: 500 }, answer };
  for (const earlier of [{ cached: transformed }, { result: transformed }]) {
    // It is left as it is, and not made a second time of its own result.
    expect(await carried(inCents, earlier)).toMatchObject({ json: { amount: 500 }, answer });
    // It was taken away.
    expect(await carried(asItCame, earlier)).toMatchObject({ json: answer });
    expect(await carried(asItCame, earlier)).not.toHaveProperty('answer');
  }
});

test('carryOver takes no answer that the schema of today refuses: the record is asked for', async () => {
  for (const earlier of [
    { cached: { data: { amount: 5 }, answer: { amount: 5 } } },
    { result: { data: { amount: 500 }, answer: { amount: 5 } } },
  ]) {
    expect(await carried(strict, earlier)).toBeUndefined();
  }
});

test('carryOver lets an answer pass that the schema refused on another day', async () => {
  const reject = { error: { code: 'schema_violation', message: 'too big' }, answer: '{"amount":5}' };
  expect(await carried(strict, { reject })).toMatchObject({ status: 'rejected', reason: reject.error, index: 3 });
  expect(await carried(inCents, { reject })).toMatchObject({
    status: 'extracted',
    index: 3,
    json: { amount: 500 },
    answer: { amount: 5 },
    attempts: 2,
    usage: tokens,
    isReused: true,
  });
  const cut = { error: { code: 'truncated_output', message: 'cut' }, answer: '{"amount":5}' };
  expect(await carried(asItCame, { reject: cut })).toMatchObject({ status: 'rejected' });
});

test('carryOver leaves as it is what does not tell what the model answered', async () => {
  const former = { data: { amount: 500 } };
  for (const earlier of [{ cached: former }, { result: former, isFormer: true }]) {
    expect(await carried(inCents, earlier)).toMatchObject({ json: { amount: 500 } });
  }
  // Later lines of such a run tell it where it is not the data.
  const later = { result: { data: { amount: 500 }, answer: { amount: 5 } }, isFormer: true };
  expect(await carried(asItCame, later)).toMatchObject({ json: { amount: 5 } });
});

test('carryOver knows nothing of a record at once', () => {
  const sources = {
    superseded: undefined,
    cache: undefined,
    isFormer: false,
    judgeAgain: () => Promise.reject(new Error()),
  };
  expect(carryOver(task, sources)).toBeUndefined();
});
