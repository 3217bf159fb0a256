import { request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { serveReview } from '../../src/review/review-server.ts';
import { labelsOf, openReview, reviewedRun } from './review-fixture.ts';

async function served(): Promise<{ directory: string; url: URL }> {
  const directory = await reviewedRun();
  const server = await serveReview(await openReview(directory), { assets: { script: 'script', style: 'style' } });
  onTestFinished(() => server.close());
  return { directory, url: new URL(server.url) };
}

/** A request with headers that fetch would not send. */
function ask(
  url: URL,
  headers: Record<string, string> = {},
  body?: string,
): Promise<{ status: number; text: string; headers: object }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: body === undefined ? 'GET' : 'POST', headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

function at(url: URL, path: string, query: Record<string, string> = {}): URL {
  const place = new URL(path, url);
  place.search = url.search;
  for (const [name, value] of Object.entries(query)) place.searchParams.set(name, value);
  return place;
}

test('the page, its parts and the records are there for whoever has the token', async () => {
  const { url } = await served();
  expect(url.hostname).toBe('127.0.0.1');
  const page = await ask(url);
  expect([page.status, page.text]).toEqual([200, expect.stringContaining('assets/review.js?token=')]);
  expect(page.headers).toMatchObject({
    'content-security-policy': expect.stringContaining("default-src 'none'"),
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  expect((await ask(at(url, 'assets/review.js'))).text).toBe('script');
  const list = await ask(at(url, 'api/list', { filter: 'rejected' }));
  expect(JSON.parse(list.text)).toMatchObject({ total: 1, items: [{ id: 'c' }] });
  expect(JSON.parse((await ask(at(url, 'api/item', { at: '0' }))).text)).toMatchObject({ id: 'a' });
  expect((await ask(at(url, 'results.jsonl'))).status).toBe(404);
});

test('without the token, under another name, or for a page of others there is nothing', async () => {
  const { url } = await served();
  const { port } = url;
  for (const path of ['', 'assets/review.js', 'api/run', 'api/item?at=0'])
    expect((await ask(new URL(path, url.origin))).status).toBe(403);
  expect((await ask(at(url, 'api/run', { token: 'x'.repeat(32) }))).status).toBe(403);
  expect((await ask(at(url, 'api/run'), { host: `evil.example:${port}` })).status).toBe(403);
  expect((await ask(at(url, 'api/run'), { origin: 'http://evil.example' })).status).toBe(403);
  expect((await ask(at(url, 'api/run'), { origin: 'null' })).status).toBe(403);
  expect(
    (await ask(at(url, 'api/run'), { origin: `http://localhost:${port}`, host: `localhost:${port}` })).status,
  ).toBe(200);
});

test('labels are taken as JSON from the page only, and refused with the reason', async () => {
  const { directory, url } = await served();
  const post = (body: unknown, type = 'application/json'): ReturnType<typeof ask> =>
    ask(at(url, 'api/labels'), { 'content-type': type }, typeof body === 'string' ? body : JSON.stringify(body));
  expect((await post({ id: 'a', path: '/total', text: '12' })).status).toBe(200);
  expect(labelsOf(directory)).toMatchObject([{ id: 'a', path: '/total', value: 12, by: 'anna' }]);
  for (const body of [
    { id: 'a', path: '/total', text: 'many' },
    { id: 'zz', accept: true },
    { id: 'a' },
    [],
    'no json',
    'x'.repeat(2 ** 21),
  ]) {
    const { status, text } = await post(body);
    expect([status, JSON.parse(text)]).toEqual([422, { error: expect.stringMatching(/^Cannot /) }]);
  }
  // What a form of another page can send without being asked.
  expect((await post('{"id":"a","accept":true}', 'text/plain')).status).toBe(422);
  expect(labelsOf(directory)).toHaveLength(1);
});
