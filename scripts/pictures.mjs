// Makes the pictures of README and docs anew: `npm run pictures`. Needs /usr/bin/chromium and util-linux' script.
import { spawn, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const command = join(import.meta.dirname, '../bin/gleaner.js');
const images = join(import.meta.dirname, '../docs/images');
const work = mkdtempSync(join(tmpdir(), 'gleaner-pictures-'));

/** What a terminal of 100 columns shows of a run when `share` of it is over. */
async function terminalAt(share) {
  const emulator = spawn(process.execPath, [command, 'emulate', '--port', '0', '--latency-ms', '900'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const [first] = await once(emulator.stdout, 'data');
    const origin = String(first).split('\n')[0];
    const service = `${origin}/v1/projects/p/locations/global/endpoints/openapi`;
    const line = `node ${command} run receipt fixtures/receipts.csv --out ${join(work, 'progress')} --concurrency 4 --base-url ${service} --auth env:TOKEN`;
    const output = execFileSync('script', ['-qec', `stty cols 100 rows 30; ${line}`, '/dev/null'], {
      cwd: join(import.meta.dirname, '..'),
      env: { ...process.env, TOKEN: 'any', TERM: 'xterm-256color' },
      encoding: 'utf8',
    });
    // Each drawing of the line begins where the cursor goes back.
    const frames = output
      .split(/\r|\n/)
      .map(plain)
      .filter((frame) => /\d+\/\d+|\d+ %/.test(frame));
    return frames[Math.floor(frames.length * share)] ?? '';
  } finally {
    emulator.kill();
  }
}

function plain(text) {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '').trimEnd();
}

async function screenshot(url, path, size) {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: size, deviceScaleFactor: 1 });
    await page.goto(url);
    await page.screenshot({ path });
  } finally {
    await browser.close();
  }
}

/** The page of a review with a value pointed at. */
async function picturesOfReview(run) {
  const server = spawn(process.execPath, [command, 'review', run, '--no-open', '--by', 'anna'], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const [first] = await once(server.stdout, 'data');
    const page = await browser.newPage({ viewport: { width: 1200, height: 720 } });
    await page.goto(String(first).split('\n')[0]);
    await page.waitForSelector('.fields li');
    for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press('f');
    // The name of the directory is this machine's.
    await page.evaluate("document.querySelector('h1 .quiet').textContent = 'runs/receipts'");
    await page.waitForTimeout(2000);
    await page.screenshot({ path: join(images, 'review.png') });
  } finally {
    await browser.close();
    server.kill();
  }
}

const text = (value) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
try {
  const report = join(work, 'report');
  execFileSync(process.execPath, [command, 'run', 'receipt', 'fixtures/receipts.csv', '--out', report, '--emulator'], {
    cwd: join(import.meta.dirname, '..'),
    stdio: 'ignore',
  });
  await screenshot(pathToFileURL(join(report, 'report.html')).href, join(images, 'report.png'), {
    width: 1000,
    height: 900,
  });
  await picturesOfReview(report);
  const line = await terminalAt(0.6);
  if (line === '') throw new Error('The run showed no progress line');
  const shown = `$ npx gleaner run receipt receipts.csv --out runs/today\n${line}`;
  const html = `<body style="margin:0;background:#1b1f24"><pre style="margin:0;padding:18px 20px;color:#e6edf3;font:15px/1.5 'DejaVu Sans Mono',monospace">${text(shown)}</pre>`;
  await screenshot(`data:text/html;charset=utf-8,${encodeURIComponent(html)}`, join(images, 'progress.png'), {
    width: 1000,
    height: 82,
  });
  console.log(readFileSync(join(images, 'progress.png')).length, readFileSync(join(images, 'report.png')).length);
} finally {
  rmSync(work, { recursive: true });
}
