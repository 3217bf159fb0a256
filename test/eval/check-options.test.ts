import { expect, test } from 'vitest';
import { date, list, numeric, text } from '../../src/eval/comparator.ts';

type Options = Readonly<Record<string, unknown>>;
const make: Readonly<Record<string, (options: Options) => unknown>> = { text, numeric, date, list };

test.each<[string, Options, string]>([
  ['text', { threshold: 5 }, 'Cannot compare by text(): "threshold" must be a number from 0 to 1, got 5'],
  ['text', { threshold: 'x' }, '"threshold" must be a number from 0 to 1, got "x"'],
  ['numeric', { tolerance: Number.NaN }, '"tolerance" must be a number from 0 on, got NaN'],
  ['numeric', { relative: -1 }, '"relative" must be a number from 0 on, got -1'],
  ['numeric', { decimal: ';' }, `"decimal" must be '.' or ',', got ";"`],
  ['numeric', { tolerence: 1 }, 'it has no option "tolerence"; did you mean "tolerance"?'],
  ['date', { order: 'nope' }, `"order" must be 'day-first' or 'month-first' or 'year-first', got "nope"`],
  ['list', { align: 'best' }, `"align" must be 'optimal' or 'ordered', got "best"`],
])('%s(%o) is refused', (name, options, says) => {
  expect(() => make[name]?.(options)).toThrow(says);
});

test('options that are undefined are as good as left out', () => {
  expect(text({}).threshold).toBe(1);
  expect(make['numeric']?.({ tolerance: undefined, decimal: undefined })).toMatchObject({ kind: 'number' });
});
