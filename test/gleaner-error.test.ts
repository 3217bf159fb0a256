import { readFileSync } from 'node:fs';
import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';
import { GleanerError, type markErrors } from '../src/gleaner-error.ts';
import { FieldError } from '../src/init/fields/field-error.ts';

/** The module as Node loads it a second time, under another address. */
async function otherCopy(): Promise<{ GleanerError: typeof GleanerError; markErrors: typeof markErrors }> {
  const source = readFileSync(new URL('../src/gleaner-error.ts', import.meta.url), 'utf8');
  const { code } = transformSync(source, { loader: 'ts', target: 'node20' });
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as never;
}

test('an error of one copy of gleaner is a GleanerError to the other, in both directions', async () => {
  const other = await otherCopy();
  expect(other.GleanerError).not.toBe(GleanerError);
  expect(new other.GleanerError('usage', 'Cannot do that')).toBeInstanceOf(GleanerError);
  expect(new GleanerError('usage', 'Cannot do that')).toBeInstanceOf(other.GleanerError);
});

test('a class below it is known across copies too, and takes no error of its parent for its own', async () => {
  const other = await otherCopy();
  class OtherFieldError extends other.GleanerError {}
  other.markErrors(OtherFieldError, 'FieldError');
  const ours = new FieldError('a: strng', 4, 'stands no type');
  const theirs = new OtherFieldError('fields-invalid', 'Cannot read the fields');
  expect(theirs).toBeInstanceOf(FieldError);
  expect(ours).toBeInstanceOf(OtherFieldError);
  expect(theirs).toBeInstanceOf(GleanerError);
  expect(ours).toBeInstanceOf(other.GleanerError);
  expect(new GleanerError('usage', 'Cannot do that')).not.toBeInstanceOf(FieldError);
  expect(new other.GleanerError('usage', 'Cannot do that')).not.toBeInstanceOf(FieldError);
});

test('a class of a caller that extends it goes by its prototype, as any class does', () => {
  class OwnError extends GleanerError {}
  class FurtherError extends OwnError {}
  const own = new OwnError('usage', 'Cannot do that');
  expect(own).toBeInstanceOf(OwnError);
  expect(own).toBeInstanceOf(GleanerError);
  expect(new FurtherError('usage', 'Cannot do that')).toBeInstanceOf(OwnError);
  expect(own).not.toBeInstanceOf(FurtherError);
  expect(new GleanerError('usage', 'Cannot do that')).not.toBeInstanceOf(OwnError);
});

test.each([undefined, null, 'text', 7, {}, new Error('x'), Object.create(null)])('%o is no GleanerError', (value) => {
  expect(value instanceof GleanerError).toBe(false);
});

test('the mark shows in nothing that an error is printed or compared by', () => {
  const error = new GleanerError('usage', 'Cannot do that', { facts: { option: 'rpm' } });
  expect(Object.keys(error).sort()).toEqual(['code', 'facts', 'name']);
  const seen: string[] = [];
  for (const key in error) seen.push(key);
  expect(seen.sort()).toEqual(['code', 'facts', 'name']);
});
