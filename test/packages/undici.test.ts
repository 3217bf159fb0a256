import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import * as undici from 'undici';
import { expect, test } from 'vitest';
import { requestBy, UNDICI_PLACES, undiciPart } from '../../src/packages/undici.ts';

test.each(['Client', 'Pool', 'buildConnector'] as const)(
  '%s lies where it is looked for, and is the same there',
  (name) => {
    expect(createRequire(import.meta.url)(UNDICI_PLACES[name])).toBe(undici[name]);
    expect(undiciPart(name)).toBe(undici[name]);
  },
);

test('what sends a request lies where it is looked for', () => {
  expect(createRequire(import.meta.url)(UNDICI_PLACES.request)).toBeTypeOf('function');
});

test('a request goes out by a pool of the part, whose prototype has no such method', async () => {
  const server = createServer((request, response) => response.end(`asked for ${request.url}`));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pool = new (undiciPart('Pool'))(origin);
  try {
    const { statusCode, body } = await requestBy(pool, { origin, path: '/stats', method: 'GET' });
    expect([statusCode, await body.text()]).toEqual([200, 'asked for /stats']);
  } finally {
    await pool.destroy();
    server.close();
  }
});
