import { expect, test } from 'vitest';
import { GleanerError } from '../../src/gleaner-error.ts';
import { createCredentials } from '../../src/vertex/credentials.ts';
import { parseAuth } from '../../src/vertex/auth-setting.ts';

const google = new URL('https://aiplatform.googleapis.com/');
const local = new URL('http://127.0.0.1:8085/');

function tokenOf(value: string, env: Record<string, string>): string | undefined {
  const setting = parseAuth(value, env, local);
  if (setting.kind !== 'token') return undefined;
  return typeof setting.token === 'string' ? setting.token : setting.token();
}

test('parseAuth gives Google credentials to Google by default, and nothing to others', () => {
  expect(parseAuth(undefined, {}, google)).toEqual({ kind: 'adc' });
  expect(parseAuth(undefined, {}, local)).toEqual({ kind: 'none' });
  expect(parseAuth('adc', {}, google)).toEqual({ kind: 'adc' });
  expect(parseAuth('none', {}, google)).toEqual({ kind: 'none' });
});

test('parseAuth refuses to send Google credentials to another host', () => {
  expect(() => parseAuth('adc', {}, local)).toThrow(GleanerError);
  expect(() => parseAuth('adc', {}, local)).toThrow('127.0.0.1:8085: they go to Google');
});

test('parseAuth takes a token from the variable that is named', () => {
  expect(tokenOf('env:MY_TOKEN', { MY_TOKEN: 'abc.123' })).toBe('abc.123');
});

test('parseAuth leaves the token for the first call, so that what sends nothing needs none', async () => {
  const setting = parseAuth('env:MY_TOKEN', {}, local);
  expect(setting.kind).toBe('token');
  await expect(createCredentials(setting).headers()).rejects.toThrow('variable MY_TOKEN: it is not set or empty');
  const set = createCredentials(parseAuth('env:MY_TOKEN', { MY_TOKEN: 'abc.123' }, local));
  expect(await set.headers()).toEqual({ authorization: 'Bearer abc.123' });
  expect(await set.headers()).toBe(await set.headers());
});

test.each([
  { value: 'env:MY_TOKEN', env: {}, says: /variable MY_TOKEN: it is not set or empty/ },
  { value: 'env:MY_TOKEN', env: { MY_TOKEN: '' }, says: /variable MY_TOKEN: it is not set or empty/ },
  { value: 'env:MY_TOKEN', env: { MY_TOKEN: 'hunter2\n' }, says: /variable MY_TOKEN: it holds spaces, line breaks/ },
  { value: 'env:MY_TOKEN', env: { MY_TOKEN: 'hunter2\r\nx-evil: 1' }, says: /MY_TOKEN/ },
  { value: 'env:MY_TOKEN', env: { MY_TOKEN: 'hunter2\u00e9' }, says: /MY_TOKEN/ },
  { value: 'env:', env: {}, says: /name of an environment variable/ },
  { value: 'env:hunter2!', env: {}, says: /name of an environment variable/ },
  { value: 'hunter2', env: {}, says: /adc, none or env:NAME/ },
  { value: '', env: {}, says: /adc, none or env:NAME/ },
])('parseAuth refuses $value without showing a secret', ({ value, env, says }) => {
  expect(() => tokenOf(value, env)).toThrow(GleanerError);
  expect(() => tokenOf(value, env)).toThrow(says);
  expect(() => tokenOf(value, env)).not.toThrow(/hunter2/);
});
