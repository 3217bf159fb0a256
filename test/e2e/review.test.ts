import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import axe from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { readPageAssets } from '../../src/review/page-assets.ts';
import { serveReview } from '../../src/review/review-server.ts';
import { onePagePdf } from '../review/one-page-pdf.ts';
import { labelsOf, openReview, receipt, reviewedRun, rows, type Row } from '../review/review-fixture.ts';
import { gleaner, startGleaner, temporaryDirectory, writeFile } from './harness.ts';

const executablePath = '/usr/bin/chromium';
const assets = (): ReturnType<typeof readPageAssets> =>
  readPageAssets(new URL('../../dist/review/assets/', import.meta.url));

const definition = `
import { defineExtraction } from 'gleaner';
import { z } from 'zod';

export default defineExtraction({
  name: 'receipt',
  schema: z.object({ shop: z.string(), total: z.number().nullable() }),
  instructions: 'Extract the receipt.',
  prompt: '{{text}}',
  id: 'id',
});
`;

test('gleaner review prints the address of its page, answers there, and ends in order; apply-labels carries the labels over', async () => {
  const directory = await reviewedRun(rows, { definition: writeFile(temporaryDirectory(), 'receipt.ts', definition) });
  const { process: child, done } = startGleaner(['review', directory, '--no-open', '--by', 'anna']);
  const url = await new Promise<string>((resolve) =>
    child.stdout?.once('data', (text: Buffer) => resolve(String(text).split('\n')[0] ?? '')),
  );
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}$/);
  expect((await fetch(url)).status).toBe(200);
  expect((await fetch(new URL('/', url))).status).toBe(403);
  const labels = new URL(`/api/labels${new URL(url).search}`, url);
  const body = JSON.stringify({ id: 'b', path: '/total', value: 98 });
  expect((await fetch(labels, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status).toBe(
    200,
  );
  child.kill('SIGTERM');
  expect((await done).code).toBe(0);

  const accept = `${JSON.stringify({ id: 'b', path: '', value: { shop: 'Red Pot', total: 98 }, by: 'anna', at: '2031-04-17T06:00:00.000Z' })}\n`;
  appendFileSync(join(directory, 'labels.jsonl'), accept);
  const gold = join(directory, 'gold.jsonl');
  expect((await gleaner(['review', directory, '--export', 'gold', '--output', gold])).code).toBe(0);
  const measured = await gleaner(['eval', directory, gold, '--json']);
  expect(JSON.parse(measured.stdout)).toMatchObject({
    records: 1,
    fields: { shop: { match: 1 }, total: { mismatch: 1 } },
  });

  const applied = await gleaner(['apply-labels', directory]);
  expect([applied.code, applied.stderr]).toEqual([0, expect.stringContaining('Changed 1 of the 1 labelled results')]);
  expect(readFileSync(join(directory, 'results.jsonl'), 'utf8')).toContain('"answer":{"shop":"Red Pot","total":99}');
});

describe.skipIf(!existsSync(executablePath))(`the page in a browser (skipped without ${executablePath})`, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  });
  afterAll(() => browser.close());

  /** Opens a page and notes what it complains of, and what it asks of others. */
  async function visit(
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<{ page: Page; complaints: string[]; asked: string[] }> {
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    const complaints: string[] = [];
    const asked: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(url);
    await page.waitForSelector('.fields h2');
    return { page, complaints, asked };
  }

  async function serve(given?: readonly Row[]): Promise<{ url: string; directory: string }> {
    const directory = await reviewedRun(given);
    const review = await openReview(directory);
    while (review.examine(1000));
    const server = await serveReview(review, { assets: assets() });
    onTestFinished(() => server.close());
    return { url: server.url, directory };
  }

  const marked = (page: Page): Promise<string | null> => page.locator('mark.active').textContent();
  const shown = (page: Page): Promise<string | null> => page.locator('nav [aria-current] .id').textContent();

  test('by keyboard alone: look, correct, accept, skip, search', async () => {
    const { url, directory } = await serve();
    const { page, complaints } = await visit(url);
    expect([await shown(page), await marked(page)]).toEqual(['a', 'BLUE KETTLE']);
    await page.keyboard.press('f');
    await expect.poll(() => marked(page)).toBe('12.50');

    await page.keyboard.press('a');
    await expect.poll(() => shown(page)).toBe('b');
    await page.keyboard.press('f');
    await expect.poll(() => page.locator('.fields li.active .badge').first().textContent()).toBe('not in the record');
    await page.keyboard.press('e');
    await page.waitForSelector('textarea:focus');
    await page.keyboard.type('ninety');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('[role=alert]').textContent()).toContain('it must be a number');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('98');
    await page.keyboard.press('Enter');
    await expect.poll(() => marked(page)).toBe('98');
    await page.keyboard.press('a');
    await expect.poll(() => shown(page)).toBe('c');
    // What was rejected is accepted once it is filled in.
    await page.keyboard.press('a');
    await expect
      .poll(() => page.locator('[role=alert]').textContent())
      .toContain('/shop must be a text; fill it in first');
    await page.keyboard.press('e');
    await page.waitForSelector('textarea:focus');
    await page.keyboard.type('Blue Door');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.fields li .value').first().textContent()).toBe('Blue Door');
    await page.keyboard.press('a');
    await expect.poll(() => shown(page)).toBe('d');
    await page.keyboard.press('k');
    await expect.poll(() => shown(page)).toBe('c');

    await page.keyboard.press('/');
    await page.waitForSelector('input:focus');
    await page.keyboard.type('kettle');
    await expect.poll(() => page.locator('nav li').count()).toBe(1);
    await page.keyboard.press('Enter');
    await page.keyboard.press('?');
    await expect.poll(() => page.locator('dialog').count()).toBe(1);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('dialog').count()).toBe(0);

    expect(labelsOf(directory)).toMatchObject([
      { id: 'a', path: '', value: { shop: 'Blue Kettle', total: 12.5 }, by: 'anna' },
      { id: 'b', path: '/total', value: 98 },
      { id: 'b', path: '', value: { shop: 'Red Pot', total: 98 } },
      { id: 'c', path: '/shop', value: 'Blue Door' },
      { id: 'c', path: '', value: { shop: 'Blue Door', total: null } },
    ]);
    // The refused correction is a 422, which the browser tells.
    expect(complaints.filter((text) => !text.includes('422'))).toEqual([]);
  });

  test('pointing at a value marks it; a filter shows what has none', async () => {
    const { url } = await serve();
    const { page } = await visit(url);
    await page.locator('.fields li', { hasText: '12.5' }).hover();
    await expect.poll(() => marked(page)).toBe('12.50');
    await page.locator('header select').selectOption('no-evidence');
    await expect.poll(() => page.locator('nav .id').allTextContents()).toEqual(['b']);
    await page.locator('header select').selectOption('code:invalid_json');
    await expect.poll(() => page.locator('.reject').textContent()).toContain('invalid_json');
  });

  const attacks = [
    `</script><script>globalThis.canary = 1</script><img src=ORIGIN/leak.png onerror="globalThis.canary = 1">`,
    `"' autofocus onfocus=globalThis.canary=1 style=background:url(ORIGIN/leak.png) x="'`,
    `"><iframe src=ORIGIN/leak.html></iframe><base href=ORIGIN/><meta http-equiv=refresh content="0;url=ORIGIN/">`,
    `\u202e\u2028\0<\0script>globalThis.canary = 1</script><!-- <script>`,
    `javascript:globalThis.canary=1`,
  ];

  test('hostile records, results, ids and labels run nothing and call nobody, served or in a file', async () => {
    const received: string[] = [];
    const elsewhere = createServer((request, response) => {
      received.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void elsewhere.close());
    const origin = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    const hostile = attacks.map((attack, at) => {
      const text = attack.replaceAll('ORIGIN', origin);
      return {
        id: `${at} ${text}`,
        text,
        ...(at === 1 ? {} : { data: { shop: text, total: null, [text]: text }, more: { repaired: text } }),
      };
    });
    const { url, directory } = await serve(hostile);
    const { page, complaints, asked } = await visit(url);
    for (const _ of hostile) {
      await page.mouse.move(900, 300);
      await page.keyboard.press('f');
      await page.keyboard.press('j');
      await page.waitForTimeout(50);
    }
    const file = join(directory, 'review.html');
    const made = await gleaner(['review', directory, '--html', file, '--take', '10']);
    expect(made.code).toBe(0);
    const mailed = await visit(pathToFileURL(file).href);
    await mailed.page.keyboard.press('j');
    expect(await mailed.page.locator('nav li').count()).toBe(hostile.length);
    expect(await page.evaluate('globalThis.canary')).toBeUndefined();
    expect(await mailed.page.evaluate('globalThis.canary')).toBeUndefined();
    expect([complaints, mailed.complaints, received]).toEqual([[], [], []]);
    const isOurs = (one: string): boolean =>
      one.startsWith(new URL(url).origin) || one.startsWith('file:') || one.startsWith('data:');
    expect([...asked, ...mailed.asked].filter((one) => !isOurs(one))).toEqual([]);
  });

  test.each([
    ['wide', { viewport: { width: 1400, height: 900 } }],
    ['narrow', { viewport: { width: 390, height: 800 } }],
    ['dark', { viewport: { width: 1400, height: 900 }, colorScheme: 'dark' as const }],
    ['narrow and dark', { viewport: { width: 390, height: 800 }, colorScheme: 'dark' as const }],
  ])('nothing stands in the way of anybody, and nothing is cut off: %s', async (_name, options) => {
    const long = { id: 'x'.repeat(300), text: `${'y'.repeat(900)} 5`, data: { shop: 'z'.repeat(300), total: 5 } };
    const { url } = await serve([...rows, long]);
    const { page } = await visit(url, options);
    for (const key of ['', 'f', 'e', 'Escape', 'j', 'j', '?']) {
      if (key !== '') await page.keyboard.press(key);
      await page.waitForTimeout(50);
    }
    for (const state of ['help', 'reject', 'long']) {
      if (state !== 'help') {
        await page.keyboard.press('Escape');
        await page.waitForTimeout(50);
      }
      if (state === 'long') {
        await page.keyboard.press('j');
        await page.keyboard.press('j');
        await page.waitForTimeout(100);
      }
      await page.evaluate(axe.source);
      const found = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>('axe.run()');
      expect(found.violations.map(({ id, nodes }) => [state, id, nodes[0]?.html])).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    }
  });

  /** A review of one record whose text names a file that it was asked with. */
  async function serveFile(name: string, bytes: Buffer): Promise<string> {
    const directory = await reviewedRun([{ id: 'a', text: name, data: { shop: 'Blue Kettle', total: null } }]);
    const scans = temporaryDirectory();
    writeFileSync(join(scans, name), bytes);
    const path = join(directory, 'run.json');
    const manifest = readFileSync(path, 'utf8');
    writeFileSync(path, manifest.replace('"settings":{', `"settings":{"mediaRoot":${JSON.stringify(scans)},`));
    const prompt = (record: { text: string }): object[] => [{ type: 'image_url', image_url: { url: record.text } }];
    const review = await openReview(directory, { extraction: { ...receipt, prompt } as never });
    const server = await serveReview(review, { assets: assets() });
    onTestFinished(() => server.close());
    return server.url;
  }

  test('pictures of the input are shown', async () => {
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const { page, complaints } = await visit(await serveFile('scan.png', Buffer.from(png, 'base64')));
    expect(await page.evaluate('document.querySelector("img")?.naturalWidth')).toBe(1);
    expect(complaints).toEqual([]);
  });

  test('a PDF of the input is shown beside its values, from this machine', async () => {
    const url = await serveFile('bill.pdf', onePagePdf('TOTAL 12.50'));
    const { page, complaints, asked } = await visit(url);
    const frame = page.locator('iframe.document');
    await frame.waitFor();
    const box = await frame.boundingBox();
    expect(box?.width).toBeGreaterThan(300);
    const link = new URL((await frame.getAttribute('src')) ?? '', url);
    const response = await fetch(link);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'self'");
    expect((await fetch(new URL(link.pathname, url))).status).toBe(403);
    await page.waitForTimeout(300);
    // The browser shows it by a page of its own.
    expect(
      asked.filter((one) => !one.startsWith(new URL(url).origin) && !/^(data|blob|chrome|chrome-extension):/.test(one)),
    ).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
