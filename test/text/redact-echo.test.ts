import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactEcho } from '../../src/text/redact-echo.ts';

const record =
  'Name: Anna Beispiel\nStreet: 12 "Rose" Lane\nIBAN DE02 1203 0000 0000 2020 51\nNote: <b>café & crème</b>';

describe('an echo is masked in whatever form it comes', () => {
  const forms: Record<string, (text: string) => string> = {
    'as it is': (text) => text,
    'with white space collapsed': (text) => text.replaceAll(/\s+/g, ' '),
    'without white space': (text) => text.replaceAll(/\s+/g, ''),
    'wrapped at every tenth character': (text) => text.replaceAll(/.{10}/g, '$&\n'),
    'in capitals': (text) => text.toUpperCase(),
    'as JSON': (text) => JSON.stringify(text),
    'as JSON in JSON': (text) => JSON.stringify(JSON.stringify(text)),
    'as JSON in ASCII': (text) =>
      JSON.stringify(text).replaceAll(
        /[^ -~]/g,
        (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
      ),
    'as HTML': (text) =>
      text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    'as HTML with numbers': (text) => text.replaceAll(/[^\w\s]/g, (sign) => `&#${sign.charCodeAt(0)};`),
    'in a URL': encodeURIComponent,
    'in a form': (text) => new URLSearchParams({ text }).toString().slice('text='.length),
    'with other signs': (text) => text.replaceAll(/[^\p{L}\p{N}]+/gu, ' | '),
  };
  test.each(Object.entries(forms))('%s', (_name, form) => {
    const safe = redactEcho(`Cannot process input: ${form(record)} (code 7)`, { texts: [record] });
    expect(safe).toMatch(/^Cannot process input: ["\\ ]*\[…\]\W*(?:\w{1,4}\W+)?\(code 7\)$/);
  });
});

test('a part is masked from ten letters on, and nothing of the message else', () => {
  const redact = (message: string): string => redactEcho(message, { texts: [record] });
  expect(redact('invalid value "12 Rose Lane, IBAN" at contents[0]')).toBe('invalid value "[…]" at contents[0]');
  expect(redact('the quota of project Rose is used up')).toBe('the quota of project Rose is used up');
  expect(redact('')).toBe('');
});

test('a short value is masked where it stands as a word, and not inside another', () => {
  const sources = { texts: [], values: ['Anna B', 'Lane', 'total', '20251'] };
  expect(redactEcho('no such person: anna_b. Not in the subtotals of 20251', sources)).toBe(
    'no such person: […]. Not in the subtotals of […]',
  );
});

test('text too long to be looked through leaves how the message begins', () => {
  const texts = ['a b '.repeat(1_500_000)];
  expect(redactEcho('HTTP 400 INVALID_ARGUMENT: Anna is invalid', { texts })).toBe('HTTP 400 INVALID_ARGUMENT […]');
  expect(redactEcho('Anna is invalid', { texts })).toBe('[…]');
});

test('whatever stands around it, a long echo never comes through', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{3,8}$/), { minLength: 4, maxLength: 8 });
  const gaps = fc.constantFrom(' ', '\n', ', ', '\\n', '&nbsp;', '%20', '" : "');
  fc.assert(
    fc.property(words, fc.string(), fc.string(), gaps, (secret, before, after, gap) => {
      const text = secret.join(' ');
      const safe = redactEcho(`${before}|${secret.join(gap)}|${after}`, { texts: [`x ${text} y`] });
      // What a word of the surroundings may hold by itself does not count.
      expect(safe).not.toContain(secret.join(gap));
    }),
  );
});
