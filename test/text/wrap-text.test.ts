import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wrapText } from '../../src/text/wrap-text.ts';

const line = '  tokens      162,003 total, 150,098 prompt, 11,905 completion';

test('wrapText breaks behind commas, and indents what follows', () => {
  expect(wrapText(line, { width: 45, indent: 14 }).split('\n')).toEqual([
    '  tokens      162,003 total, 150,098 prompt,',
    '              11,905 completion',
  ]);
});

test('wrapText breaks a long phrase between words, and leaves a long word whole', () => {
  const words = '  rejects     see a/directory/with/quite/a/long/name/rejects.jsonl and so on and on';
  expect(wrapText(words, { width: 40, indent: 14 }).split('\n')).toEqual([
    '  rejects     see',
    '              a/directory/with/quite/a/long/name/rejects.jsonl',
    '              and so on and on',
  ]);
});

test('wrapText leaves a line as it is that fits, or that no width is known for, or that there is no room for', () => {
  for (const width of [undefined, line.length, 20]) expect(wrapText(line, { width, indent: 14 })).toBe(line);
});

test('wrapText loses no word', () => {
  const word = fc.stringMatching(/^[a-z,;:]{1,12}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 24, max: 100 }), (words, width) => {
      const wrapped = wrapText(words.join(' '), { width, indent: 2 });
      expect(wrapped.split(/\s+/)).toEqual(words);
      for (const part of wrapped.split('\n')) expect(part.length).toBeLessThanOrEqual(width);
    }),
  );
});
