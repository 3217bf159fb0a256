import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import type { Extraction } from '../../src/extraction/definition.ts';
import { digestFile } from '../../src/records/file-digest.ts';
import { ReviewRun, type ReviewRunOptions } from '../../src/review/review-run.ts';
import { result, runDirectory } from '../export/run-fixture.ts';

export const receipt = defineExtraction({
  name: 'receipt',
  schema: z.object({ shop: z.string(), total: z.number().nullable(), kind: z.enum(['food', 'fuel']).optional() }),
  instructions: 'Extract the receipt.',
  prompt: '{{text}}',
  id: 'id',
});

export interface Row {
  id: string;
  text: string;
  data?: object;
  /** The answer of a reject. */
  answer?: string;
  /** Members of its line besides. */
  more?: object;
}

export const rows: readonly Row[] = [
  { id: 'a', text: 'BLUE KETTLE\nTOTAL 12.50', data: { shop: 'Blue Kettle', total: 12.5 } },
  { id: 'b', text: 'RED POT\nTOTAL 98', data: { shop: 'Red Pot', total: 99 }, more: { repaired: 'notation' } },
  { id: 'c', text: 'illegible' },
  {
    id: 'd',
    text: 'Green Pan 7.00',
    data: { shop: 'Green Pan', total: null },
    more: { confidence: { total: 0.3 }, reused: true },
  },
];

/** A finished run over rows; those without data were rejected. */
export async function reviewedRun(given: readonly Row[] = rows, settings: object = {}): Promise<string> {
  const results = given.flatMap(({ id, data, more }, index) =>
    data === undefined ? [] : [{ ...result(index, data, id), ...more }],
  );
  const rejects = given.flatMap(({ id, text, data, answer = 'no idea' }, index) =>
    data === undefined
      ? [
          {
            id,
            index,
            error: { code: 'invalid_json', message: 'The answer is not one JSON value' },
            attempts: 1,
            record: { id, text },
            answer,
          },
        ]
      : [],
  );
  const directory = runDirectory({ results: results.toReversed(), rejects });
  const input = join(directory, '..', `${directory.split('/').at(-1)}.jsonl`);
  writeFileSync(input, given.map(({ id, text }) => `${JSON.stringify({ id, text, page: 1 })}\n`).join(''));
  const path = join(directory, 'run.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as object;
  const identity = { extraction: 'receipt', id: 'id', format: 'jsonl', input: await digestFile(input) };
  writeFileSync(path, JSON.stringify({ ...manifest, identity, settings: { input, ...settings } }));
  return directory;
}

export async function openReview(directory: string, options: Partial<ReviewRunOptions> = {}): Promise<ReviewRun> {
  const now = (): Date => new Date('2031-04-17T06:00:00.000Z');
  const review = await ReviewRun.open(directory, {
    extraction: receipt as unknown as Extraction,
    by: 'anna',
    now,
    ...options,
  });
  onTestFinished(() => review.close());
  return review;
}

export function labelsOf(directory: string): object[] {
  return readFileSync(join(directory, 'labels.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
}
