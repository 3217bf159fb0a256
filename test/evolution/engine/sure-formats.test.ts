import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { z as z3 } from 'zod3';
import { compareSchemas } from '../../../src/evolution/engine/compare-schemas.ts';
import type { JsonObject } from '../../../src/json/value.ts';
import { isSurelyOf } from '../../../src/evolution/engine/sure-formats.ts';

/** Texts near those of each format, and the checks of readers that know it. */
const FORMATS: Record<string, { near: RegExp; readers: { safeParse(text: string): { success: boolean } }[] }> = {
  date: { near: /^[0-2]\d{3}-[01]\d-[0-3]\d$/, readers: [z.iso.date(), z3.string().date()] },
  'date-time': {
    near: /^20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-6]\d:[0-6]\d(\.\d{1,3})?(Z|z|\+00:00)?$/,
    readers: [z.iso.datetime(), z3.string().datetime()],
  },
  email: { near: /^[a-z.1-]{1,6}@([a-z1-]{1,4}\.){0,2}[a-z]{1,3}$/, readers: [z.email(), z3.string().email()] },
  hostname: { near: /^([a-z1-]{1,4}\.){0,3}[a-z1]{1,3}$/, readers: [z.hostname()] },
  ipv4: { near: /^([012]?[05]?\d\.){3}[012]?\d{1,2}$/, readers: [z.ipv4(), z3.string().ip({ version: 'v4' })] },
  ipv6: { near: /^([0-9a-f]{0,4}:){7}[0-9a-f]{0,5}$/, readers: [z.ipv6(), z3.string().ip({ version: 'v6' })] },
  uuid: {
    near: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/,
    readers: [z.uuid(), z.guid(), z3.string().uuid()],
  },
  uri: {
    near: /^https?:\/\/([a-z1-]{1,4}\.){0,2}[a-z1]{1,3}(:\d{0,5})?(\/[a-z.~%]{0,3}){0,2}(\?[a-z=&]{0,3})?(#[a-z]{0,2})?$/,
    readers: [z.url(), z3.string().url()],
  },
};

test.each(Object.entries(FORMATS))('what surely is of format %s, readers of it take', (format, { near, readers }) => {
  let sure = 0;
  fc.assert(
    fc.property(fc.stringMatching(near), (text) => {
      if (!isSurelyOf(format, text)) return;
      sure += 1;
      for (const reader of readers) expect(reader.safeParse(text)).toMatchObject({ success: true });
    }),
    { numRuns: 2000 },
  );
  expect(sure).toBeGreaterThan(10);
});

test('a choice of URLs becomes any URL, in lists and properties as well', () => {
  const old = { enum: ['https://a.b', 'https://example.com:443/a/b?c=d&e=f#g'] };
  const wrap = (schema: JsonObject): JsonObject => ({
    type: 'object',
    properties: { a: { type: 'array', items: { anyOf: [{ type: 'null' }, schema] } } },
  });
  const uri = { type: 'string', format: 'uri' };
  expect(compareSchemas(wrap(old), wrap(uri))).toMatchObject({ backward: { verdict: 'compatible' } });
  const odd = { enum: [...old.enum, 'https://-.1'] };
  expect(compareSchemas(wrap(odd), wrap(uri))).toMatchObject({ backward: { verdict: 'unknown' } });
});
