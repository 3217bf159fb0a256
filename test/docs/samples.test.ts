import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alwaysSpawns, gleaner, root } from '../e2e/harness.ts';

const RUNS = [
  'npx gleaner run flat flats.csv --out runs/flats --emulator',
  'npx gleaner run receipt fixtures/receipts.csv --out runs/demo --emulator',
];

interface Stage {
  /** What is done in the folder before the page's first command. */
  commands?: readonly string[];
  prepare?(place: string): Promise<Readonly<Record<string, string>> | void>;
  /** What people do before the command that has these words. */
  before?: { readonly command: string; do(place: string): void };
}

/** Pages whose console blocks are run, in order, in a folder with the files of README.md and the demo. */
const PAGES: Readonly<Record<string, Stage>> = {
  'README.md': {},
  'docs/before.md': { commands: ['rm schemas/flat.ts'] },
  'docs/compare.md': {},
  'docs/monitoring.md': { prepare: async (place) => ({ HOOK: await receiveNotices(place) }) },
  'docs/quality.md': { before: { command: '--export gold', do: reviewReceipts } },
  'docs/results.md': { commands: RUNS },
  'docs/unattended.md': { commands: RUNS.slice(0, 1), prepare: prepareNights },
};

const places: string[] = [];
const receivers: ChildProcess[] = [];

afterAll(() => {
  for (const receiver of receivers) receiver.kill();
  for (const place of places) rmSync(place, { recursive: true, force: true });
});

/** Exports of several days, flats of others, and somebody who listens at the hook. */
async function prepareNights(place: string): Promise<void> {
  const write = (name: string, text: string): void => writeFileSync(join(place, name), text);
  const receipts = readFileSync(join(place, 'fixtures/receipts.csv'), 'utf8');
  mkdirSync(join(place, 'export'));
  write('export/2031-04-17.csv', receipts);
  // Other receipts: no answer of the night before fits them.
  write('export/2031-04-18.csv', receipts.replaceAll(/^(r-(?:[^,\n]*,){4}"?)/gm, '$1Copy for the office. '));
  write('export/2031-04-19.csv', receipts.slice(0, receipts.indexOf('\n') + 1));
  const flats = readFileSync(join(place, 'flats.csv'), 'utf8');
  write('flats-monday.csv', flats.slice(0, flats.indexOf('\nf3') + 1));
  write('flats-tuesday.csv', flats);
  write('flats-odd.csv', `${flats}f4,"Flat by the sea.\nCity: Port Elswick"\n,no id\nf1,again\n`);
  const settings = readFileSync(join(place, 'night.env'), 'utf8');
  write('night.env', settings.replace(/^HOOK=.*$/m, `HOOK=${await receiveNotices(place)}`));
}

/** As the page of `gleaner review` writes it: three records accepted, two of them with another total. */
function reviewReceipts(place: string): void {
  const corrected = new Map([
    ['r-001', undefined],
    ['r-009', -114.49],
    ['r-018', 13.8],
  ]);
  const lines = readFileSync(join(place, 'runs/first/results.jsonl'), 'utf8').trimEnd().split('\n');
  const labels = lines.flatMap((line): object[] => {
    const { id, data } = JSON.parse(line) as { id: string; data: Record<string, unknown> };
    if (!corrected.has(id)) return [];
    const said = { id, by: 'anna', at: '2031-04-17T06:02:11.318Z' };
    const total = corrected.get(id);
    if (total === undefined) return [{ ...said, path: '', value: data }];
    return [
      { ...said, path: '/total', value: total },
      { ...said, path: '', value: { ...data, total } },
    ];
  });
  writeFileSync(join(place, 'runs/first/labels.jsonl'), labels.map((label) => `${JSON.stringify(label)}\n`).join(''));
}

/** Somebody who writes down in hook.jsonl what comes in; the URL of the hook. */
async function receiveNotices(place: string): Promise<string> {
  const receiver = spawn(process.execPath, ['-e', RECEIVER, join(place, 'hook.jsonl')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  receivers.push(receiver);
  const [url] = (await once(receiver.stdout, 'data')) as [Buffer];
  return url.toString().trim();
}

const RECEIVER = `
const { appendFileSync } = require('node:fs');
const server = require('node:http').createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += part)).on('end', () => {
    appendFileSync(process.argv[1], body + '\\n');
    response.end();
  });
});
server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port + '/night'));
`;

interface Printed {
  code: number | null;
  output: string;
}

/** A command of gleaner and nothing that a shell would have to understand. */
const PLAIN = /^npx gleaner ([\w ./,:=@-]+)$/;

/** What a command prints. A plain one shares this process, since most of them take less time than a process takes to start. */
async function printedBy(
  place: string,
  command: string,
  variables: Readonly<Record<string, string>>,
): Promise<Printed> {
  const [, plain] = PLAIN.exec(command) ?? [];
  if (plain === undefined || alwaysSpawns) return shell(place, command, variables);
  const env = { HOME: place, COLUMNS: '160', ...variables };
  const { code, terminal } = await gleaner(plain.trim().split(/ +/), { cwd: place, env });
  return { code, output: terminal };
}

function shell(place: string, command: string, variables: Readonly<Record<string, string>> = {}): Printed {
  const bin = join(root, 'bin/gleaner.js');
  // A command that is piped ends with the pipe; both streams are shown as a terminal shows them.
  const { status, stdout } = spawnSync(
    'sh',
    ['-c', `exec 2>&1; ${command.replaceAll('npx gleaner', `"$NODE" "${bin}"`)}`],
    {
      cwd: place,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', HOME: place, NODE: process.execPath, COLUMNS: '160', ...variables },
    },
  );
  return { code: status, output: stdout };
}

async function folderFor(page: string): Promise<{ place: string; variables: Readonly<Record<string, string>> }> {
  const place = mkdtempSync(join(tmpdir(), 'gleaner-test-samples-'));
  places.push(place);
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const block = (language: string): string => new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(readme)?.[1] ?? '';
  mkdirSync(join(place, 'schemas'));
  writeFileSync(join(place, 'flats.csv'), block('csv'));
  writeFileSync(join(place, 'schemas/flat.ts'), block('ts'));
  cpSync(join(root, 'schemas/receipt.ts'), join(place, 'schemas/receipt.ts'));
  cpSync(join(root, 'fixtures'), join(place, 'fixtures'), { recursive: true });
  mkdirSync(join(place, 'node_modules'));
  symlinkSync(root, join(place, 'node_modules/gleaner'));
  symlinkSync(join(root, 'node_modules/zod'), join(place, 'node_modules/zod'));
  mkdirSync(join(place, 'node_modules/.bin'));
  symlinkSync(join(root, 'bin/gleaner.js'), join(place, 'node_modules/.bin/gleaner'));
  for (const { name, text } of filesOn(page)) writeFileSync(join(place, name), text, { mode: 0o755 });
  const { commands = [], prepare } = PAGES[page] ?? {};
  for (const command of commands) {
    const { code, output } = await printedBy(place, command, {});
    if (code !== 0) throw new Error(output);
  }
  return { place, variables: (await prepare?.(place)) ?? {} };
}

/** Shell text that names the file it stands in, in its first comment: `# nightly.sh [day]: extracts …`. */
function filesOn(page: string): { name: string; text: string }[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```sh\n((?:#![^\n]*\n)?# ([\w.]+\.(?:sh|env))\b.*?)^```$/gms)].map(
    ([, block = '', name = '']) => ({
      name,
      text: block,
    }),
  );
}

interface Sample {
  command: string;
  output: string;
}

function samplesOf(page: string): Sample[] {
  const text = readFileSync(join(root, page), 'utf8');
  const blocks = [...text.matchAll(/^```console\n(.*?)^```$/gms)].map(([, block = '']) => block);
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const end = part.indexOf('\n');
        return { command: part.slice(0, end), output: part.slice(end + 1) };
      }),
  );
}

/** What differs from run to run: times, and what depends on them. A line of dots stands for any lines. */
function settled(text: string): string {
  return (
    text
      .replaceAll('\r\n', '\n')
      .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, '<time>')
      .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:<port>')
      .replaceAll(/v\d+\.\d+\.\d+/g, '<version>')
      .replaceAll(/\b(line|call) \d+/g, '$1 <n>')
      .replaceAll(/\d[\d,.]* records\/s/g, '<n> records/s')
      .replaceAll(/\d[\d,.]* (?:ms|s|min|h)\b(?: \d+ (?:s|min)\b)?/g, '<duration>')
      // Columns are as wide as what stands in them.
      .replaceAll(/ +(<duration>|p50|p90)/g, ' $1')
      // Two runs may be as fast as each other.
      .replaceAll(
        /<duration> \(p90\), (?:as before|before <duration> \(p90\))/g,
        '<duration> (p90), <as before or not>',
      )
  );
}

function patternOf(output: string): RegExp {
  const lines = settled(output).trimEnd().split('\n');
  const parts = lines.map((line) =>
    line === '...' ? '[^]*' : line.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`),
  );
  return new RegExp(`^${parts.join('\n')}$`);
}

describe.each(Object.keys(PAGES))('%s shows what the commands print:', (page) => {
  let folder: Awaited<ReturnType<typeof folderFor>>;
  let last: number | null = null;
  beforeAll(async () => {
    folder = await folderFor(page);
  });
  test.each(samplesOf(page))('$command', async ({ command, output }) => {
    // Each command has a shell of its own, which knows nothing of the one before.
    const { before } = PAGES[page] ?? {};
    if (before !== undefined && command.includes(before.command)) before.do(folder.place);
    const asked = command.replaceAll('$?', String(last));
    const { code, output: printed } = await printedBy(folder.place, asked, folder.variables);
    last = code;
    expect(settled(printed).trimEnd()).toMatch(patternOf(output));
  });
});
