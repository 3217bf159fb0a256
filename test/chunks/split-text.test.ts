import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitText, type SplitOptions } from '../../src/chunks/split-text.ts';

function texts(text: string, options: Partial<SplitOptions> = {}): string[] {
  return splitText(text, { chars: 20, at: 'paragraph', overlap: 0, ...options }).map(({ start, end }) =>
    text.slice(start, end),
  );
}

test('paragraphs are packed as long as they fit', () => {
  expect(texts('One.\n\nTwo.\n\nThree is long.\n\nFour.')).toEqual(['One.\n\nTwo.\n\n', 'Three is long.\n\n', 'Four.']);
});

test('a paragraph that is too long is cut between lines, a line between sentences, a sentence behind a word', () => {
  expect(texts('line number one\nline number two\n\nthe end')).toEqual([
    'line number one\n',
    'line number two\n\n',
    'the end',
  ]);
  expect(texts('A first one. A second one. A third.', { at: 'line' })).toEqual([
    'A first one. ',
    'A second one. ',
    'A third.',
  ]);
  expect(texts('abcdefghijklmnop qrstuvwxyz', { at: 'sentence' })).toEqual(['abcdefghijklmnop ', 'qrstuvwxyz']);
});

test('sentences are what a language takes for them, also without blanks', () => {
  expect(texts('これは一つ目です。これは二つ目です。', { at: 'sentence', chars: 9 })).toEqual([
    'これは一つ目です。',
    'これは二つ目です。',
  ]);
});

test('the end of the chunk before is read again, from the beginning of a word', () => {
  expect(texts('alpha beta gamma\n\ndelta\n\n', { chars: 18, overlap: 8 })).toEqual([
    'alpha beta gamma\n\n',
    'gamma\n\ndelta\n\n',
  ]);
});

test('a short text is one chunk, an empty one none', () => {
  expect(texts('short')).toEqual(['short']);
  expect(texts('')).toEqual([]);
});

const piece = fc.constantFrom('word', ' ', '\n', '\n\n', '. ', 'x'.repeat(50), '😀', 'é', '。');
const anyText = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));

test('chunks hold the whole text, none is too long, and no character is cut in two', () => {
  fc.assert(
    fc.property(
      anyText,
      fc.integer({ min: 2, max: 60 }),
      fc.integer({ min: 0, max: 30 }),
      fc.constantFrom('paragraph', 'line', 'sentence'),
      (text, chars, overlap, at) => {
        const chunks = splitText(text, { chars, overlap, at });
        expect(chunks.map(({ own, end }) => text.slice(own, end)).join('')).toBe(text);
        for (const { start, own, end } of chunks) {
          expect(end - own).toBeLessThanOrEqual(chars);
          expect(own - start).toBeLessThanOrEqual(overlap + 1);
          expect(text.slice(start, end)).not.toMatch(/\p{Surrogate}/u);
        }
      },
    ),
  );
});
