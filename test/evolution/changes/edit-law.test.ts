import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tryEdit } from './edit-law.ts';
import { refuteEdit } from './refute-edit.ts';

test('Wherever a direction is breaking, a change at the edited place says so, and no document refutes a "compatible"', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
      const trial = tryEdit(seed);
      expect(trial.unsaid).toEqual([]);
      expect(refuteEdit(trial, seed, 60)).toBeUndefined();
    }),
    { numRuns: 150 },
  );
});

test('The law has something to say: most random edits break a direction', () => {
  const broken = Array.from({ length: 50 }, (_, seed) => tryEdit(seed)).filter(
    ({ comparison: { backward, forward } }) => backward.verdict === 'breaking' || forward.verdict === 'breaking',
  );
  expect(broken.length).toBeGreaterThan(25);
});
