import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactPattern, isExactAlready } from '../../src/zod/exact-pattern.ts';

describe('exactPattern()', () => {
  it.each([
    ['a-b', 'i', '[Aa]-[Bb]'],
    ['^[a-z]{2}-\\d+$', 'i', '^[a-zA-Z]{2}-\\d+$'],
    ['a.b', 's', 'a[\\s\\S]b'],
    ['^b$', 'm', '^(?:[\\s\\S]*[\\n\\r\\u2028\\u2029])?b(?=$|[\\n\\r\\u2028\\u2029])'],
    ['(?i:a)b', '', '(?:[Aa])b'],
    ['a\\@', 'y', '^(?:a@)'],
    ['[^-\\]k]', 'i', '[^\\-\\]Kk]'],
  ])('writes /%s/%s as %s', (source, flags, exact) => {
    expect(exactPattern(source, flags)).toBe(exact);
  });

  it.each([
    ['a backreference where case is ignored', '(a)\\1', 'i'],
    ['a property where case is ignored', '\\p{Lu}', 'iu'],
    ['a word boundary of Unicode that ignores case', '\\bk', 'iu'],
    ['operations on sets', '[a-z&&[aeiou]]', 'v'],
    ['sets in sets', '[[a-z][0-9]]', 'v'],
  ])('gives up on %s', (_case, source, flags) => {
    expect(exactPattern(source, flags)).toBeUndefined();
  });

  it('needs nothing where flags change no match', () => {
    expect(['', 'u', 'g', 'd', 'gu'].every((flags) => isExactAlready('a', flags))).toBe(true);
    expect(['i', 'm', 's', 'y', 'v', 'giu'].some((flags) => isExactAlready('a', flags))).toBe(false);
  });

  it.each([
    ['names of properties', '^\\p{Lu}$', '^p\\{Lu\\}$'],
    ['code points', '^\\u{3}$', '^u{3}$'],
    ['a class of all halves', '^[a-\\uffff]+$', '^[a-\\u{ffff}\\u{10000}-\\u{10ffff}]+$'],
    ['a class of no half', '^[^\\ud800-\\udfff]+$', '^[^\\u{d800}-\\u{dfff}\\u{10000}-\\u{10ffff}]+$'],
  ])('says with the u flag what a pattern without it says of %s', (_case, source, exact) => {
    expect(isExactAlready(source, '')).toBe(false);
    expect(exactPattern(source, '')).toBe(exact);
  });

  it.each(['^😀 [äöü]+$', '^\\ud83d\\ude00$', '^\\u00e4$', '^[^\\u0000-\\u007f]+$', '\\-\\@'])(
    'leaves %s as it stands, which says the same with the flag or is not valid with it',
    (source) => {
      expect(isExactAlready(source, '')).toBe(true);
    },
  );

  it.each(['[😀😎]', '😀+', '^\\ud83d', '[\\ud800-\\udbff]'])('has no equal for halves of characters: %s', (source) => {
    expect(isExactAlready(source, '')).toBe(false);
    expect(exactPattern(source, '')).toBeUndefined();
  });

  it('keeps a character beyond 16 bits where case is ignored', () => {
    expect(exactPattern('^😀 hi$', 'i')).toBe(String.raw`^\u{1f600} [Hh][Ii]$`);
  });

  const characters = [
    'a',
    'A',
    'b',
    'k',
    'K',
    '\u212a',
    's',
    'S',
    'ſ',
    'ß',
    'ẞ',
    'é',
    'É',
    'ǅ',
    'Ǆ',
    'ω',
    'Ω',
    '\u2126',
  ];
  const others = ['-', '1', '_', ' ', '\n', '\r', '\u2028', '.', '\u{10400}', '\u{10428}'];
  const atom = fc.oneof(
    fc.constantFrom(...characters, '-', '1', '_', ' ', '.', '\\.', '\\n', '\\d', '\\w', '\\s', '\\S', '\\b', '^', '$'),
    fc.constantFrom(
      '[a-z]',
      '[^a-z]',
      '[A-K]',
      '[^k]',
      '[\\w\\-]',
      '[ß-ſ]',
      '[\\d_]',
      '(?=a)',
      '(?!k)',
      '(?<=b)',
      '(?<!\\n)',
    ),
  );
  const pattern = fc
    .array(fc.tuple(atom, fc.constantFrom('', '', '', '*', '?', '+', '{1,2}')), { minLength: 1, maxLength: 4 })
    .chain((parts) =>
      fc.constantFrom('', '|', 'group').map((form) => {
        const isZeroWide = (text: string): boolean => /^(?:\^|\$|\\b|\(\?)/.test(text);
        const pieces = parts.map(([text, count]) => (isZeroWide(text) ? text : text + count));
        return form === 'group' ? `(?:${pieces.join('|')})$` : pieces.join(form);
      }),
    );
  const flags = fc
    .tuple(fc.constantFrom('', 'i'), fc.constantFrom('', 'm'), fc.constantFrom('', 's'), fc.constantFrom('', 'u', 'v'))
    .map((parts) => parts.join(''));
  const text = fc.string({ unit: fc.constantFrom(...characters, ...others), maxLength: 5 });

  it('matches what the pattern matches with its flags', () => {
    let written = 0;
    fc.assert(
      fc.property(pattern, flags, fc.array(text, { minLength: 5, maxLength: 10 }), (source, given, texts) => {
        const original = new RegExp(source, given);
        // Without u or v a pattern sees halves of characters beyond 16 bits, which no JSON Schema does.
        const seen = /[uv]/.test(given) ? texts : texts.filter((one) => !/[\u{10000}-\u{10ffff}]/u.test(one));
        const exact = exactPattern(source, given);
        if (exact === undefined) return true;
        written += 1;
        const rewritten = new RegExp(exact, 'u');
        return seen.every((one) => original.test(one) === rewritten.test(one));
      }),
      { numRuns: 3_000 },
    );
    expect(written).toBeGreaterThan(1_500);
  });
});
