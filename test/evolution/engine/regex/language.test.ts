import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Languages } from '../../../../src/evolution/engine/regex/languages.ts';

const pieces = [
  'a',
  'b',
  '[ab]',
  '[^a]',
  '.',
  '\\d',
  '\\w',
  '\\s',
  '(?:a|b)',
  '(?:ab)*',
  'a?',
  'b+',
  '(?:a|)*',
  '[a-c]{2}',
  'a{0,2}',
  '(?=a)',
  '(?!b)',
  '(?=.*c)',
  '(?!.*aa)',
  '(?<=a)',
  '(?<!b)',
  '(?<=^|[ab])',
  '(?<!\\w|c)',
  '^',
  '$',
  '\\b',
  '(?:^a|b$)',
  '(?:(?!ab).)*',
  '(?:(?=a)a|b)+',
  '\\u{1F432}',
  '[\\u{1F432}é]',
  '\\p{Lu}',
  '(?:a?){3}',
  'c*?',
];
const sources = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
const alternatives = fc.array(sources, { minLength: 1, maxLength: 2 }).map((options) => options.join('|'));
const texts = fc
  .array(fc.constantFrom('a', 'b', 'c', 'A', '1', '_', ' ', '\n', 'é', '🐲'), { maxLength: 6 })
  .map((chars) => chars.join(''));

test('The automaton of a pattern finds what the engine finds', () => {
  const languages = new Languages();
  fc.assert(
    fc.property(alternatives, fc.array(texts, { minLength: 10, maxLength: 20 }), (source, samples) => {
      const language = languages.of(source);
      for (const sample of samples) {
        const found = new RegExp(source, 'u').exec(sample);
        // V8 also looks inside surrogate pairs for what takes no character, where with the u flag no position is.
        if (found !== null && /^[\uDC00-\uDFFF]/.test(sample.slice(found.index))) continue;
        expect([source, sample, language?.matches(sample)]).toEqual([source, sample, found !== null]);
      }
    }),
    { numRuns: 250 },
  );
});

describe('Patterns as zod writes them', () => {
  const zodEmail =
    "^(?!\\.)(?!.*\\.\\.)([A-Za-z0-9_'+\\-\\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$";
  test.each(['a@b.co', 'a..b@c.de', '.a@b.co', "o'neil@x-y.org", 'a@b', 'a@b.c', 'é@b.co'])('e-mail %s', (text) => {
    expect(new Languages().of(zodEmail)?.matches(text)).toBe(new RegExp(zodEmail, 'u').test(text));
  });
});

test('The opposite of a word boundary', () => {
  // Not among the pieces above: with the u flag V8 also looks for it inside surrogate pairs, where no position is.
  const language = new Languages().of('a\\Bb|\\B-\\B');
  expect(['ab', 'a-b', ' - ', 'a b'].map((text) => language?.matches(text))).toEqual([true, false, true, false]);
});

test('A character is looked back for, or the start', () => {
  const languages = new Languages();
  const found = (source: string): boolean[] =>
    ['c', 'bc', 'ac', 'bac', 'bcc'].map((text) => languages.of(source)?.matches(text) === true);
  expect(found('(?<!b)c')).toEqual([true, false, true, true, true]);
  expect(found('(?<=b)c')).toEqual([false, true, false, false, true]);
  expect(found('(?<=^|a)c$')).toEqual([true, false, true, true, false]);
});

test('Named groups are groups', () => {
  expect(new Languages().of('^(?<year>\\d{4})$')?.matches('2026')).toBe(true);
});

test.each([
  ['a backreference', '(a)\\1'],
  ['lookbehind over several characters', '(?<=ab)c'],
  ['lookbehind over any number of characters', '(?<!a*)b'],
  ['a pattern that is none', '('],
  ['too long a pattern', '(?:a{1000}){1000}'],
])('Does not pretend to understand %s', (_, source) => {
  expect(new Languages().of(source)).toBeUndefined();
});

test('Escapes that only patterns without the u flag have are read as the characters they mean', () => {
  const language = new Languages().of('^\\@\\-a$');
  expect([language?.matches('@-a'), language?.matches('\\@-a')]).toEqual([true, false]);
});

test('Brackets that only patterns without the u flag leave alone are read as characters', () => {
  const language = new Languages().of('^[a-z\\-]{1,2}]{$');
  expect([language?.matches('a-]{'), language?.matches('a-')]).toEqual([true, false]);
});

test('An anchored pattern is known to be lost after its first wrong character', () => {
  const language = new Languages().of('^(?:ab|ac)$');
  const states = ['b', 'a'].map((char) => language?.advance(0, language.classOf(char.charCodeAt(0))) ?? 0);
  expect(states.map((state) => language?.settled(state))).toEqual([false, undefined]);
});

test('Backtracking engines time out on this; an automaton does not', () => {
  expect(new Languages().of('^(a+)+$')?.matches(`${'a'.repeat(5000)}b`)).toBe(false);
});
