import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactSecrets } from '../../src/text/redact-secrets.ts';
import { anyText } from '../any-text.ts';

const token = 'qk_L8/vT+5wXzYb2Nd4Fg6Hj8Kp=';
const redact = (text: string): string => redactSecrets(text, [token], '[cut]');

describe('redactSecrets finds a secret in the forms in which services quote it', () => {
  test.each<[string, string]>([
    ['whole', token],
    ['in capitals', token.toUpperCase()],
    ['percent-encoded', encodeURIComponent(token)],
    ['percent-encoded twice', encodeURIComponent(encodeURIComponent(token))],
    ['escaped as in JSON', token.replaceAll('/', '\\/')],
    ['in code points of JSON', [...token].map((one) => `\\u00${one.charCodeAt(0).toString(16)}`).join('')],
    ['escaped as in HTML', token.replaceAll('+', '&#43;').replaceAll('=', '&equals;').replaceAll('/', '&#x2F;')],
    ['escaped as in HTML, in JSON', token.replaceAll('/', '\\u0026#47;')],
    ['broken by a line end', `${token.slice(0, 9)}\r\n  ${token.slice(9)}`],
    ['broken by an escaped line end', `${token.slice(0, 9)}\\n${token.slice(9)}`],
    ['with invisible characters', [...token].join('\u200b')],
    ['its beginning', token.slice(0, 14)],
    ['its end', token.slice(-13)],
  ])('%s', (_form, quoted) => {
    expect(redact(`The key ${quoted} is not valid`)).toMatch(/^The key \[cut\] ?is not valid$/);
  });

  test('and every one of them', () => {
    expect(redact(`${token} or ${encodeURIComponent(token)}`)).toMatch(/^\[cut\] ?or ?\[cut\]$/);
  });
});

test('redactSecrets leaves everything else as it is, escapes included', () => {
  const text = 'Model "a\\/b" was not found at https://host/x%20y?z=1&amp;q=2, code 100%';
  expect(redact(text)).toBe(text);
  expect(redactSecrets('a b c', ['a', ''], '[cut]')).toBe('a b c');
});

test('redactSecrets leaves no piece of a secret that is long enough to matter, wherever it stands', () => {
  const noise = anyText({ maxLength: 20 });
  const forms = [token, encodeURIComponent(token), token.slice(3, 20), [...token].join(' ')];
  fc.assert(
    fc.property(fc.array(fc.oneof(noise, fc.constantFrom(...forms))), (parts) => {
      const clean = redact(parts.join(' '))
        .replaceAll(/[\p{C}\s]/gu, '')
        .toLowerCase();
      for (let at = 0; at + 12 <= token.length; at += 1) {
        expect(clean).not.toContain(token.slice(at, at + 12).toLowerCase());
      }
    }),
  );
});
