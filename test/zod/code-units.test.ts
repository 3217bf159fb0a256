import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countsCodeUnits } from '../../src/zod/code-units.ts';
import { exactPattern, isExactAlready } from '../../src/zod/exact-pattern.ts';

describe('countsCodeUnits()', () => {
  it.each([
    '^[a-z]+$',
    '^[A-Z]{2}-\\d{4}$',
    '^.+$',
    '^.*$',
    '\\S',
    '.',
    '^\\S.*$',
    '^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$',
    '^(?!\\s)(?!.*\\s$).+$',
    '^(?=.*\\d)(?=.*[a-z])[^ ]*$',
    '^"(?:[^"\\\\]|\\\\.)*"$',
    '^<!--(?:(?!-->).)*-->$',
    '^\\S+(?: \\S+)*$',
    '^[\\s\\S]{0,}$',
    '^😀 .*$',
    '😀',
  ])('is not so of %s', (source) => {
    expect(countsCodeUnits(source, '')).toBe(false);
  });

  it.each([
    ['^.$', '😀'],
    ['^.{1,3}$', '😀😀'],
    ['^(?=.{4,}$).*$', '😀😀'],
    ['^\\S.*\\S$', '😀'],
    ['^\\S+\\s*\\S+$', '😀'],
    ['^[^a]{2}$', '😀'],
    ['^[\\s\\S]?$', '😀'],
    ['^(?:.b?){2}$', '😀'],
    ['^(.)(?!\\1)', '😀😀'],
    ['^.+\\B.+$', '😀'],
    ['(?<=^.)b', '😀b'],
  ])('is so of %s, which reads %s otherwise with the flag', (source, text) => {
    expect(countsCodeUnits(source, '')).toBe(true);
    expect(countsCodeUnits(source, 'u')).toBe(false);
    expect(new RegExp(source).test(text)).not.toBe(new RegExp(source, 'u').test(text));
  });

  const atom = fc.oneof(
    fc.constantFrom(
      'a',
      'b',
      '😀',
      '.',
      '\\S',
      '\\s',
      '\\W',
      '\\w',
      '[^a]',
      '[^a😀]',
      '[ab]',
      '\\b',
      '\\B',
      '^',
      '$',
      ' ',
    ),
    fc.constantFrom(
      '(?!a)',
      '(?!.a)',
      '(?=.)',
      '(?=.*b)',
      '(?<=a)',
      '(?<!.)',
      '[a-\\uffff]',
      '[\\s\\S]',
      '(.)\\1',
      '[^]',
    ),
  );
  const isZeroWide = (text: string): boolean => /^(?:\^|\$|\\[bB]|\(\?)/.test(text);
  const { pattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
    part: fc
      .tuple(
        fc.oneof(
          { depthSize: 'small' },
          { weight: 4, arbitrary: atom },
          fc.tuple(tie('pattern')).map(([inner]) => `(?:${inner})`),
        ),
        fc.constantFrom('', '', '', '*', '?', '+', '{2}', '{2,}', '{1,2}'),
      )
      .map(([text, count]) => (isZeroWide(text) && !text.startsWith('(?:') ? text : text + count)),
    pattern: fc
      .tuple(
        fc.array(tie('part'), { minLength: 1, maxLength: 4 }),
        fc.constantFrom('', '', '', '|'),
        fc.boolean(),
        fc.boolean(),
      )
      .map(([parts, form, opens, closes]) => `${opens ? '^' : ''}${parts.join(form)}${closes ? '$' : ''}`),
  }));
  const flags = fc
    .tuple(fc.constantFrom('', '', 'i'), fc.constantFrom('', '', 'm'), fc.constantFrom('', '', 's'))
    .map((parts) => parts.join(''));
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '😀', '😎', '-'), maxLength: 4 });

  it('is so of whatever reads a text otherwise than the pattern that is written for JSON Schema', () => {
    let plain = 0;
    fc.assert(
      fc.property(pattern, flags, fc.array(text, { minLength: 5, maxLength: 10 }), (source, given, texts) => {
        if (countsCodeUnits(source, given)) return true;
        const written = isExactAlready(source, given) ? source : exactPattern(source, given);
        if (written === undefined || !isValid(written)) return true;
        plain += 1;
        const [original, rewritten] = [new RegExp(source, given), new RegExp(written, 'u')];
        return texts.every((one) => original.test(one) === rewritten.test(one));
      }),
      { numRuns: Number(process.env['RUNS'] ?? 10_000) },
    );
    expect(plain).toBeGreaterThan(2_000);
  });
});

function isValid(source: string): boolean {
  try {
    return new RegExp(source, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
