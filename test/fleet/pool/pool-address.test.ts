import { describe, expect, test } from 'vitest';
import { describePool, parsePoolAddress, poolKey } from '../../../src/fleet/pool/pool-address.ts';

describe('parsePoolAddress', () => {
  test.each([
    { text: 'redis://localhost', host: 'localhost', port: 6379, database: 0, isEncrypted: false, user: undefined },
    { text: 'redis://10.0.0.5:7000/3', host: '10.0.0.5', port: 7000, database: 3, isEncrypted: false, user: undefined },
    {
      text: 'rediss://night%40shift@db.test:6380/',
      host: 'db.test',
      port: 6380,
      database: 0,
      isEncrypted: true,
      user: 'night@shift',
    },
    { text: 'redis://[::1]:6379/0', host: '::1', port: 6379, database: 0, isEncrypted: false, user: undefined },
  ])('reads $text', ({ text, ...parts }) => {
    expect(parsePoolAddress(text)).toEqual({ ...parts, prefix: 'gleaner' });
  });

  test.each([
    { name: 'another scheme', text: 'http://host:6379', why: 'it must be redis://host:port/database' },
    { name: 'no URL', text: 'host:6379', why: 'it must be redis://host:port/database' },
    {
      name: 'a database that is no number',
      text: 'redis://host/main',
      why: 'its path must be the number of a database',
    },
    {
      name: 'what follows a question mark',
      text: 'redis://host/0?password=hush',
      why: 'nothing may follow the database',
    },
    { name: 'a password', text: 'redis://worker:hush@host/0', why: 'it holds a password' },
    { name: 'a password alone', text: 'redis://:hush@host/0', why: 'it holds a password' },
  ])('refuses $name, and repeats nothing of it', ({ text, why }) => {
    expect(() => parsePoolAddress(text)).toThrow(why);
    expect(() => parsePoolAddress(text)).not.toThrow('hush');
  });

  test.each(['', 'a b', 'a{b', '*', 'x'.repeat(65)])('refuses the prefix "%s"', (prefix) => {
    expect(() => parsePoolAddress('redis://host', prefix)).toThrow('Cannot use the prefix of the pool');
  });
});

test('poolKey puts all keys of a pool into one slot of a cluster', () => {
  expect(poolKey({ prefix: 'november' }, 'run:7')).toBe('{november}:run:7');
});

test('describePool names database and prefix where they are not the usual ones', () => {
  expect(describePool(parsePoolAddress('redis://user@host:7000/2'))).toBe('host:7000/2');
  expect(describePool(parsePoolAddress('redis://user@host:7000/0'))).toBe('host:7000');
  expect(describePool(parsePoolAddress('redis://[::1]', 'november'))).toBe('[::1]:6379 (november)');
});
