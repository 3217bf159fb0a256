import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../e2e/harness.ts';

const RUNS = [
  'npx gleaner run flat flats.csv --out runs/flats --emulator',
  'npx gleaner run receipt fixtures/receipts.csv --out runs/demo --emulator',
];

/** Pages whose console blocks are run, in order, in a folder with the files of README.md and the demo; what is done there first. */
const PAGES: Readonly<Record<string, readonly string[]>> = {
  'before.md': ['rm schemas/flat.ts'],
  'results.md': RUNS,
};

const places: string[] = [];

afterAll(() => {
  for (const place of places) rmSync(place, { recursive: true, force: true });
});

function shell(place: string, command: string): { code: number | null; output: string } {
  const bin = join(root, 'bin/gleaner.js');
  // A command that is piped ends with the pipe; both streams are shown as a terminal shows them.
  const { status, stdout } = spawnSync(
    'sh',
    ['-c', `exec 2>&1; ${command.replaceAll('npx gleaner', `"$NODE" "${bin}"`)}`],
    {
      cwd: place,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', HOME: place, NODE: process.execPath, COLUMNS: '160' },
    },
  );
  return { code: status, output: stdout };
}

function folderFor(page: string): string {
  const place = mkdtempSync(join(tmpdir(), 'gleaner-samples-'));
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
  for (const command of PAGES[page] ?? []) {
    const { code, output } = shell(place, command);
    if (code !== 0) throw new Error(output);
  }
  return place;
}

interface Sample {
  command: string;
  output: string;
}

function samplesOf(page: string): Sample[] {
  const text = readFileSync(join(root, 'docs', page), 'utf8');
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
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, '<time>')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:<port>')
    .replaceAll(/v\d+\.\d+\.\d+/g, '<version>')
    .replaceAll(/\b(line|call) \d+/g, '$1 <n>')
    .replaceAll(/\d[\d,.]* records\/s/g, '<n> records/s')
    .replaceAll(/\d[\d,.]* (?:ms|s|min|h)\b(?: \d+ (?:s|min)\b)?/g, '<duration>');
}

function patternOf(output: string): RegExp {
  const lines = settled(output).trimEnd().split('\n');
  const parts = lines.map((line) =>
    line === '...' ? '[^]*' : line.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`),
  );
  return new RegExp(`^${parts.join('\n')}$`);
}

describe.each(Object.keys(PAGES))('docs/%s shows what the commands print:', (page) => {
  let place = '';
  beforeAll(() => {
    place = folderFor(page);
  });
  test.each(samplesOf(page))('$command', ({ command, output }) => {
    expect(settled(shell(place, command).output).trimEnd()).toMatch(patternOf(output));
  });
});
