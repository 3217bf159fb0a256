import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { htmlReport } from '../../src/report/html/report.ts';
import { nights } from '../report/night-parts.ts';
import { partsFullOf } from '../report/report-parts.ts';

const executablePath = '/usr/bin/chromium';
const hasBrowser = existsSync(executablePath);

/** Ways out of text that a page of records could offer, each short enough to be shown whole. */
const attacks: Readonly<Record<string, string>> = {
  'a script': `</title></style></bdi><script>globalThis.canary = 1</script><script src=ORIGIN/leak.js></script>`,
  'an event handler': `<img src=ORIGIN/leak.png onerror="globalThis.canary = 1"><svg onload="globalThis.canary = 1">`,
  'a broken attribute': `"' autofocus tabindex=0 onfocus=globalThis.canary=1 style=background:url(ORIGIN/leak.png) x="'`,
  'a frame': `"><iframe src=ORIGIN/leak.html></iframe><object data=ORIGIN/leak.bin></object>`,
  'a link': `<link rel=stylesheet href=ORIGIN/leak.css><base href=ORIGIN/leak/><style>@import 'ORIGIN/leak.css'</style>`,
  'a redirection': `--><meta http-equiv=refresh content="0;url=ORIGIN/leak.html">`,
  'hidden characters': `&lt;script&gt; \u202e\u2066\0\u2028\ud800 <\0script>globalThis.canary = 1</script>`,
};

function attack(name: string, origin: string): string {
  return (attacks[name] ?? '').replaceAll('ORIGIN', origin);
}

interface Seen {
  /** What the browser was asked for, blocked requests included. */
  asked: string[];
  /** What reached the server. */
  received: string[];
  complaints: string[];
  canary: unknown;
  navigations: string[];
}

describe.skipIf(!hasBrowser)(`the report page in a browser (skipped without ${executablePath})`, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  });
  afterAll(() => browser.close());

  /** Serves a page that knows its own address, opens it, looks around as a reader would and notes all that leaves it. */
  async function visit(makePage: (origin: string) => string, look?: (page: Page) => Promise<void>): Promise<Seen> {
    const received: string[] = [];
    const asked: string[] = [];
    let content = '';
    const server = createServer((request, response) => {
      received.push(request.url ?? '');
      response.setHeader('content-type', request.url === '/' ? 'text/html' : 'text/plain').end(content);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    content = makePage(origin);

    const page = await browser.newPage();
    onTestFinished(() => page.close());
    const complaints: string[] = [];
    const navigations: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('framenavigated', (frame) => navigations.push(frame.url().replace(origin, '')));
    page.on('request', (request) => asked.push(request.url().replace(origin, '')));
    await page.goto(`${origin}/`, { waitUntil: 'networkidle' });
    // Event handlers that broke out of an attribute would wait for this.
    await page.mouse.move(200, 200);
    await page.keyboard.press('Tab');
    await look?.(page);
    const canary = await page.evaluate<unknown>('globalThis.canary');
    return { asked, received, complaints, canary, navigations };
  }

  test.each(Object.keys(attacks))('hostile records run nothing and call nobody: %s', async (name) => {
    const seen = await visit((origin) => htmlReport(partsFullOf(attack(name, origin), 60)));
    expect(seen).toEqual({ asked: ['/'], received: ['/'], complaints: [], canary: undefined, navigations: ['/'] });
  });

  test.each(['a script', 'an event handler'])('on a page that does not escape it, %s is noticed here', async (name) => {
    const seen = await visit((origin) => `<!doctype html><p>${attack(name, origin)}`);
    expect(seen.canary).toBe(1);
    expect(seen.received.join(' ')).toContain('/leak');
  });

  test('the policy alone stops a script and a request, should any text ever get through', async () => {
    const seen = await visit((origin) =>
      htmlReport(partsFullOf('x', 5)).replace(
        '<main>',
        `<main><script>globalThis.canary = 1</script><img src=${origin}/leak.png>`,
      ),
    );
    expect(seen.canary).toBeUndefined();
    expect(seen.received).toEqual(['/']);
    expect(seen.complaints.join()).toContain('Content Security Policy');
  });

  test.each([390, 1100])('nothing sticks out of a window %i pixels wide', async (width) => {
    await visit(
      () => htmlReport(partsFullOf('a_name_that_is_long_and_has_no_spaces_'.repeat(9), 60)),
      async (page) => {
        await page.setViewportSize({ width, height: 800 });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      },
    );
  });

  const windows = [
    { width: 390, height: 844, colorScheme: 'light' },
    { width: 390, height: 844, colorScheme: 'dark' },
    { width: 1400, height: 1000, colorScheme: 'dark' },
    { width: 1400, height: 1000, colorScheme: 'light' },
  ] as const;
  const kinds = Object.keys(nights) as (keyof typeof nights)[];
  test.each(kinds)('people who use other means than eyes and a mouse find their way: %s', async (kind) => {
    await visit(
      () => htmlReport(nights[kind]()),
      async (page) => {
        for (const { width, height, colorScheme } of windows) {
          await page.setViewportSize({ width, height });
          await page.emulateMedia({ colorScheme });
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
          await page.evaluate(axe.source);
          const found = await page.evaluate<{ violations: { id: string; impact: string }[] }>('axe.run()');
          expect(found.violations.map(({ id, impact }) => `${impact}: ${id}`)).toEqual([]);
        }
        // The answers of the morning are seen without scrolling.
        const answers = await page.locator('.answers').boundingBox();
        expect((answers?.y ?? 0) + (answers?.height ?? 0)).toBeLessThan(1000);
      },
    );
  });

  test.each(['light', 'dark'] as const)('the text can be read on its background: %s', async (colorScheme) => {
    await visit(
      () => htmlReport(partsFullOf('plain', 20)),
      async (page) => {
        await page.emulateMedia({ colorScheme });
        const lowest = await page.evaluate<number>(lowestContrast);
        // The least that the Web Content Accessibility Guidelines (WCAG 2.2, 1.4.3) ask for.
        expect(lowest).toBeGreaterThanOrEqual(4.5);
      },
    );
  });
});

/** The lowest contrast between a text and the nearest background behind it. Runs in the page. */
const lowestContrast = `(() => {
  const parse = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = parse(colour).map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let lowest = 21;
  for (const element of document.body.querySelectorAll('*')) {
    const isText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
    if (!isText || element.tagName === 'title') continue;
    let behind = element;
    const backgroundOf = (node) => getComputedStyle(node).backgroundColor;
    while (behind.parentElement !== null && parse(backgroundOf(behind))[3] === 0) behind = behind.parentElement;
    const style = getComputedStyle(element);
    const pair = [luminance(element.tagName === 'text' ? style.fill : style.color), luminance(backgroundOf(behind))];
    lowest = Math.min(lowest, (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05));
  }
  return lowest;
})()`;
