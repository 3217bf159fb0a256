// What docs/quality.md says in figures: node bench/quality.mjs [texts.jsonl gold.jsonl results.jsonl] [--review 100000]
//
// On files of {id, text}, of {id, ...values} and of results, the evidence of the values and the evaluation of the results are measured.
// --review has the page of so many records opened. Times are of the machine as it is: the conditions come first.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { evaluate, findEvidence } from '../dist/index.js';

const { values: flags, positionals: files } = parseArgs({
  allowPositionals: true,
  options: { review: { type: 'string' } },
});
const gleaner = fileURLToPath(new URL('../bin/gleaner.js', import.meta.url));
const [load] = loadavg();
console.log(`Node ${process.version}, ${cpus().length} cores, load ${load.toFixed(1)}`);
if (files.length >= 2) await measureFiles(files);
if (flags.review !== undefined) await measureReview(Number(flags.review));

async function measureFiles([texts, gold, results]) {
  const textOf = new Map(linesOf(texts).map(({ id, text }) => [id, text]));
  const records = linesOf(gold)
    .map(({ id, ...data }) => ({ data, texts: [{ field: 'text', text: textOf.get(id) ?? '' }] }))
    .filter(({ texts: [{ text }] }) => text !== '');
  const counts = new Map();
  for (const { data, texts: given } of records) {
    for (const { path, match } of findEvidence(data, given)) {
      const row = counts.get(path) ?? {};
      row[match] = (row[match] ?? 0) + 1;
      counts.set(path, row);
    }
  }
  for (const [path, row] of counts) console.log(`evidence of ${path}: ${JSON.stringify(row)}`);
  console.log(`evidence: ${speedOf(records)} records/s of CPU over ${records.length} records`);
  if (results === undefined) return;
  const { anls, fields } = await evaluate(results, gold);
  const each = Object.entries(fields).map(([name, score]) => `${name} ${score.anls?.toFixed(6)}`);
  console.log(`ANLS* ${anls}: ${each.join(', ')}`);
}

/** The best of three, as anything else on the machine makes it slower only. */
function speedOf(records) {
  const rates = [0, 1, 2].map(() => {
    const begin = process.cpuUsage();
    for (const { data, texts } of records) findEvidence(data, texts);
    const { user, system } = process.cpuUsage(begin);
    return records.length / ((user + system) / 1e6);
  });
  return Math.round(Math.max(...rates));
}

/** Time to the address and to the first page, and memory of the server at its peak. */
async function measureReview(count) {
  const directory = mkdtempSync(join(tmpdir(), 'gleaner-bench-'));
  try {
    const input = join(directory, 'notes.jsonl');
    const line = (at) => JSON.stringify({ id: `n${at}`, text: `Note ${at}\nName: Person ${at}\nTotal: ${at}.50` });
    writeFileSync(input, Array.from({ length: count }, (_, at) => `${line(at)}\n`).join(''));
    const definition = join(directory, 'note.mjs');
    writeFileSync(
      definition,
      `import { defineExtraction } from 'gleaner';
import { z } from 'zod';
export default defineExtraction({ name: 'note', model: 'google/gemini-3.5-flash-lite', prompt: '{{text}}', id: 'id',
  instructions: 'Extract the note.', schema: z.object({ name: z.string(), total: z.number() }) });\n`,
    );
    const out = join(directory, 'run');
    await untilClosed(start(['run', definition, input, '--out', out, '--emulator', '--concurrency', '256', '--quiet']));
    const begin = performance.now();
    const server = start(['review', out, '--no-open']);
    const address = await firstAddress(server);
    const listed = performance.now();
    const page = await fetch(address);
    await page.text();
    console.log(
      `review of ${count} records: address after ${seconds(listed - begin)} s, page after ${seconds(performance.now() - begin)} s, ${peakOf(server.pid)} at most`,
    );
    server.kill('SIGINT');
    await untilClosed(server);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function start(args) {
  return spawn(process.execPath, [gleaner, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

function untilClosed(child) {
  return new Promise((resolve) => child.once('close', resolve));
}

async function firstAddress({ stdout }) {
  let text = '';
  for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
    text += chunk;
    const found = /http:\S+/.exec(text)?.[0];
    if (found !== undefined) return found;
  }
  throw new Error('The review ended without an address');
}

/** Linux says; other systems do not. */
function peakOf(pid) {
  try {
    return /VmHWM:\s+(\d+ kB)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 'unknown memory';
  } catch {
    return 'unknown memory';
  }
}

function seconds(ms) {
  return (ms / 1000).toFixed(1);
}

function linesOf(path) {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text));
}
