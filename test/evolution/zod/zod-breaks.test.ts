import { expect, test } from 'vitest';
import { tallyBreaks } from './zod-breaks.ts';

// All pairs are tried by `npm run bench:evolution`.
test('no edit of a field that makes stored results unreadable passes as compatible without a note', async () => {
  const { breaking, misses, refused } = await tallyBreaks({ seed: 7, most: 1, share: 0.25 });
  expect(misses).toEqual([]);
  expect(breaking).toBeGreaterThan(150);
  // Few ways to write a field are ones that no model can fill.
  expect(refused.length).toBeLessThan(5);
});
