import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { checkIdColumn, compileRecordId } from '../../src/extraction/record-id.ts';
import type { RecordFields } from '../../src/records/record.ts';

const base = { name: 'x', schema: z.object({ a: z.string() }), instructions: 'i', prompt: '{{a}}' };
const byColumn = compileRecordId(defineExtraction({ ...base, id: 'id' }));

describe('compileRecordId', () => {
  it('takes the given column before the definition, and the definition before the row number', () => {
    const fields = { id: 'a', key: 'b' };
    expect(compileRecordId(defineExtraction({ ...base, id: 'id' }), 'key')(fields, 0)).toEqual({ ok: true, id: 'b' });
    expect(byColumn(fields, 0)).toEqual({ ok: true, id: 'a' });
    expect(compileRecordId(defineExtraction(base))(fields, 0)).toEqual({ ok: true, id: '1' });
  });

  it('takes what the function of a definition returns', () => {
    const byFunction = compileRecordId(defineExtraction({ ...base, id: (record: { n: number }) => record.n * 2 }));
    expect(byFunction({ n: 21 }, 0)).toEqual({ ok: true, id: '42' });
  });

  it('rejects the record when the function throws', () => {
    const failing = compileRecordId(
      defineExtraction({
        ...base,
        id: () => {
          throw new Error('no key');
        },
      }),
    );
    expect(failing({}, 0)).toEqual({
      ok: false,
      isOfDefinition: true,
      message: `Cannot take an id: the definition's "id" function failed: no key`,
    });
  });

  it.each<[string, RecordFields, string]>([
    ['a missing column', {}, 'No id in column "id": expected text or a number, found nothing'],
    ['null', { id: null }, 'No id in column "id": expected text or a number, found null'],
    ['an object', { id: { a: 1 } }, 'No id in column "id": expected text or a number, found an object'],
    ['a boolean', { id: true }, 'No id in column "id": expected text or a number, found a boolean'],
    ['an empty text', { id: ' ' }, 'No id in column "id": it is empty'],
    [
      'a text of 1,001 characters',
      { id: 'x'.repeat(1001) },
      'No usable id in column "id": 1001 characters, at most 1000 are taken',
    ],
  ])('rejects %s', (_case, fields, message) => {
    expect(byColumn(fields, 0)).toEqual({ ok: false, message });
  });

  it('takes 1,000 characters, and numbers as text', () => {
    expect(byColumn({ id: 'x'.repeat(1000) }, 0).ok).toBe(true);
    expect(byColumn({ id: 0 }, 0)).toEqual({ ok: true, id: '0' });
  });
});

describe('checkIdColumn', () => {
  const byId = defineExtraction({ ...base, id: 'id' });

  it('names the column that is missing, where it was asked for, and what may be meant', () => {
    expect(checkIdColumn(byId, undefined, ['ID', 'a'])).toBe(
      `Cannot take ids: the definition's "id" is "id", but the input has no such column; did you mean "ID"? Its columns are "ID", "a"`,
    );
    expect(checkIdColumn(byId, 'number', ['id', 'a'])).toBe(
      'Cannot take ids: the id field is "number", but the input has no such column; its columns are "id", "a"',
    );
  });

  it('has nothing against a column that is there, a function, or row numbers', () => {
    expect(checkIdColumn(byId, undefined, ['a', 'id'])).toBeUndefined();
    expect(checkIdColumn(byId, 'a', ['a'])).toBeUndefined();
    expect(checkIdColumn(defineExtraction({ ...base, id: () => '1' }), undefined, ['a'])).toBeUndefined();
    expect(checkIdColumn(defineExtraction(base), undefined, ['a'])).toBeUndefined();
  });
});
