import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainName, plainText } from '../../src/text/plain-text.ts';
import { anyText } from '../any-text.ts';

test.each([
  { text: 'two\r\nlines\t and\u0000controls\u202e', plain: 'two lines and controls' },
  { text: 'Authorization: Bearer abc.def-123, please', plain: 'Authorization: [redacted], please' },
  { text: 'token ya29.a0AfH6SMB_x-y expired', plain: 'token [redacted] expired' },
  { text: 'got eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln!', plain: 'got [redacted]!' },
  { text: 'refresh 1//0gabcdefghijkl-mn', plain: 'refresh [redacted]' },
  { text: 'key -----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY----- end', plain: 'key [redacted] end' },
  { text: 'key -----BEGIN PRIVATE KEY-----\nMIIE', plain: 'key [redacted]' },
  { text: `see ${'A1b2'.repeat(20)} there`, plain: 'see [redacted] there' },
  {
    text: 'projects/my-project/locations/global/publishers/google/models/gemini-3.5-flash-lite was not found',
    plain: 'projects/my-project/locations/global/publishers/google/models/gemini-3.5-flash-lite was not found',
  },
])('plainText makes $plain', ({ text, plain }) => {
  expect(plainText(text)).toBe(plain);
});

test('plainText cuts out the credentials in use before it cuts to length', () => {
  const text = `${'x '.repeat(247)}swordfish-7 and more`;
  expect(plainText(text, { secrets: ['swordfish-7'] })).not.toContain('sword');
});

test('plainText never exceeds its limit, breaks a line or repeats a secret', () => {
  const secret = 'swordfish-7';
  const part = fc.oneof(anyText(), fc.constant(secret), fc.constant('\n'));
  fc.assert(
    fc.property(fc.array(part), fc.integer({ min: 20, max: 100 }), (parts, limit) => {
      const plain = plainText(parts.join(''), { limit, secrets: [secret] });
      expect(plain.length).toBeLessThanOrEqual(limit);
      // Neither control characters nor halves of surrogate pairs.
      expect(plain).not.toMatch(/\p{Cc}|\p{Cs}/u);
      expect(plain).not.toContain(secret);
    }),
  );
});

test('plainText cuts a secret out in whatever case it comes back', () => {
  expect(plainText('https://quiet.lantern-zq7.example', { secrets: ['Quiet.Lantern-Zq7'] })).toBe(
    'https://[redacted].example',
  );
  expect(plainText('host YA29.abcdef here')).toBe('host [redacted] here');
});

test.each([
  { name: 'google/gemini-3.5-flash-lite', plain: 'google/gemini-3.5-flash-lite' },
  { name: 'projects/1/endpoints/2@3', plain: 'projects/1/endpoints/2@3' },
  { name: '\u001b[2Jmodel\nerror: fine', plain: '[2Jmodel error: fine' },
  { name: 'Bearer swordfish-7', plain: '[redacted]' },
  { name: 'x-Swordfish-7-y', plain: 'x-[redacted]-y' },
  { name: 'ya29.abc', plain: '[redacted]' },
  { name: 'm '.repeat(1_000_000), plain: `${'m '.repeat(49)}m…` },
])('plainName makes $plain', ({ name, plain }) => {
  expect(plainName(name, ['swordfish-7'])).toBe(plain);
});

test('plainName, too, never exceeds its length or repeats a secret', () => {
  const part = fc.oneof(anyText(), fc.string(), fc.constant('SwordFish-7'));
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const plain = plainName(parts.join(''), ['swordfish-7']);
      expect(plain.length).toBeLessThanOrEqual(100);
      expect(plain).not.toMatch(/\p{Cc}|\p{Cs}|swordfish-7/iu);
    }),
  );
});
