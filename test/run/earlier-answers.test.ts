import { expect, it } from 'vitest';
import { z } from 'zod';
import { zeroUsage } from '../../src/completion/usage.ts';
import { translateSchema } from '../../src/extraction/schema-digest.ts';
import { carryOver } from '../../src/run/session/carry-over.ts';
import { deriveSchema } from '../../src/schema/derive.ts';
import type { AnswerCache } from '../../src/store/answer-cache.ts';

const task = { id: '1', index: 0, fields: {}, messages: [], fingerprint: 'today' };

function cacheOf(answers: Record<string, { data: string; at: string }>, asked: string[]): AnswerCache {
  const get = (fingerprint: string): { data: string; at: string } | undefined => {
    asked.push(fingerprint);
    return answers[fingerprint];
  };
  return { get } as unknown as AnswerCache;
}

const others = { superseded: undefined, isFormer: false, judgeAgain: () => Promise.reject(new Error('judged')) };

it('takes an answer of version 0.1 from the cache under the fingerprint of today', async () => {
  const asked: string[] = [];
  const cache = cacheOf({ earlier: { data: 'answer', at: '2026-01-01' } }, asked);
  const outcome = await carryOver(task, { ...others, cache, earlierFingerprints: () => ['earlier'] });
  expect(outcome).toMatchObject({ status: 'extracted', fingerprint: 'today', isReused: true, usage: zeroUsage });
  expect(asked).toEqual(['today', 'earlier']);
});

it('computes earlier fingerprints only where the one of today was looked up in vain', async () => {
  const never = (): string[] => {
    throw new Error('asked for');
  };
  const cache = cacheOf({ today: { data: 'answer', at: '2026-01-01' } }, []);
  expect(await carryOver(task, { ...others, cache, earlierFingerprints: never })).toMatchObject({
    status: 'extracted',
  });
  expect(carryOver(task, { ...others, cache: undefined, earlierFingerprints: never })).toBeUndefined();
});

it('continues a run that version 0.1 began, whose manifest holds the schema as zod wrote it', async () => {
  // The digest that 0.1 wrote for this schema.
  const before = { extraction: 'flat', schema: '367f707c2365b8d7' };
  const derived = await deriveSchema(z.object({ rent: z.number().nullable().describe('Monthly') }));
  const today = translateSchema(before, derived);
  expect(today['schema']).not.toBe(before.schema);
  expect(translateSchema(today, derived)).toEqual(today);
  const edited = await deriveSchema(z.object({ rent: z.number().min(0).nullable().describe('Monthly') }));
  expect(translateSchema(before, edited)).toEqual(before);
});
