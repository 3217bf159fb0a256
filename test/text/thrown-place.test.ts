import { expect, test } from 'vitest';
import { framesOf, kindAndPlaceOf } from '../../src/text/thrown-place.ts';

class OddError extends Error {}

test.each([new TypeError('Anna Beispiel\n    at Rose Lane:12:5'), new OddError('Anna Beispiel')])(
  'an error is told by kind and place, without its message: %#',
  (error) => {
    expect(kindAndPlaceOf(error)).toMatch(/^(?:TypeError|OddError) at \S+thrown-place\.test\.ts:\d+:\d+$/);
    expect(framesOf(error)?.join('\n')).not.toMatch(/Anna|Rose/);
  },
);

test('what is no error is told by its type, and one without a stack by its kind', () => {
  expect(kindAndPlaceOf('Anna Beispiel')).toBe('string');
  expect(kindAndPlaceOf(Object.assign(new RangeError('Anna'), { stack: undefined }))).toBe('RangeError');
});
