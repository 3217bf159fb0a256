// Runs by batch jobs, killed at every event that they write down and at random, against jobs that go wrong in every known way:
//   node torture/batch.mjs --seed 1 --records 20000 --kills 60 --minutes 30
// What must come of it: each record once, no job that the run does not know of, and a usage.json that is the service's bill.
// Exit code 1 when a promise did not hold.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Prices } from '../dist/accounting/prices.js';
import { startEmulator } from '../dist/emulator/index.js';
import { EVENTS, scenarios } from './batch-scenarios.mjs';
import { checkRun } from './check-run.mjs';
import { entries } from './json-lines.mjs';
import { seededRandom } from './random.mjs';
import { reconcile } from './reconcile.mjs';
import { writeRecords } from './records.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    records: { type: 'string', default: '20000' },
    kills: { type: 'string', default: '60' },
    minutes: { type: 'string', default: '30' },
    scenario: { type: 'string' },
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const records = Number(values.records);
const wantedKills = Number(values.kills);
const startedAt = Date.now();
const deadline = startedAt + Number(values.minutes) * 60_000;
const random = seededRandom(seed);
const place = mkdtempSync(join(tmpdir(), 'gleaner-batch-torture-'));
const session = fileURLToPath(new URL('batch-session.mjs', import.meta.url));
const say = (text) => process.stderr.write(`${((Date.now() - startedAt) / 1000).toFixed(0).padStart(5)} s  ${text}\n`);
const problems = [];
/** How often each moment was struck. */
const struck = new Map(
  [...EVENTS.flatMap((event) => [`before ${event}`, `after ${event}`]), 'lines', 'files', 'time'].map((name) => [
    name,
    0,
  ]),
);
const sum = { runs: 0, sessions: 0, kills: 0, lost: 0, doubled: 0, unnoticed: 0, unsettled: 0, paidAgain: 0, jobs: 0 };
const chosen = scenarios.filter(({ name }) => values.scenario === undefined || name === values.scenario);
const played = new Set();
const rare = new Set(['deadline', 'abandoned', 'doubled', 'cancelling', 'left']);

say(`seed ${seed}, runs of ${records} records (what the clock does to a kill no seed repeats)`);
await writeRecords(join(place, 'notes.jsonl'), records);
// Every scenario once, and as many more as it takes.
for (let turn = 0; turn < chosen.length * 8; turn += 1) {
  if (turn >= chosen.length && sum.kills >= wantedKills) break;
  if (Date.now() > deadline) {
    problems.push(`The time was over after ${sum.kills} kills in ${turn} runs`);
    break;
  }
  await playOnce(chosen[turn % chosen.length], turn);
}
if (sum.kills < wantedKills) problems.push(`Only ${sum.kills} kills struck of ${wantedKills}`);
tell();

async function playOnce(scenario, turn) {
  const { name, batch, lane, advanceMs = 0, losesSpool = false, pictures = 0 } = scenario;
  const out = join(place, `run-${turn}`);
  const emulator = await startEmulator({
    seed: seed + turn,
    batch: { queueMs: 20, runMs: 20, cancelMs: 20, ...batch },
    keepRequests: records * 4,
    // Some answers are refused by the schema, and asked again.
    script: [{ contains: `Note <${turn % 10}7`, fault: 'schema-violation', times: 40 }],
  });
  const killsBefore = sum.kills;
  try {
    for (const kill of momentsOf(scenario)) {
      const { signal, end } = await start({ out, origin: emulator.origin, lane, pictures, kill });
      if (signal !== 'SIGKILL') {
        if (end?.status === 'finished') break;
        continue;
      }
      sum.kills += 1;
      struck.set(kill.name, struck.get(kill.name) + 1);
      if (losesSpool) rmSync(join(out, 'batches'), { recursive: true, force: true });
    }
    let end;
    for (let tries = 0; tries < 8 && end?.status !== 'finished'; tries += 1) {
      if (tries > 0) emulator.advance(advanceMs);
      ({ end } = await start({ out, origin: emulator.origin, lane, pictures, kill: {} }));
    }
    if (end?.status !== 'finished') {
      problems.push(`${name} in ${out}: it came to no end: ${JSON.stringify(end)}`);
      return;
    }
    const found = await check(out, emulator, name);
    if (pictures > 0) found.push(...(await checkPictures(out, emulator, pictures)));
    problems.push(...found.slice(0, 10).map((problem) => `${name} in ${out}: ${problem}`));
    say(
      `${name}: ${sum.kills - killsBefore} kills, ${found.length === 0 ? 'all is there' : `${found.length} PROBLEMS`}`,
    );
    if (found.length === 0 && !values.keep) rmSync(out, { recursive: true, force: true });
  } finally {
    sum.runs += 1;
    played.add(name);
    await emulator.close();
  }
}

/** When the sessions of a run are killed, in the order in which it comes to these moments. The least struck of them go first. */
function momentsOf({ events, first, pictures }) {
  const all = events.flatMap((event) => ['before', 'after'].map((when) => ({ event, when, name: `${when} ${event}` })));
  const drawn = all
    // What only few runs come to goes before what all do.
    .map((moment) => ({ moment, rank: struck.get(moment.name) + random.next() - (rare.has(moment.event) ? 3 : 0) }))
    .sort((left, right) => left.rank - right.rank)
    .slice(0, 3)
    .map(({ moment }) => moment);
  if (first !== undefined) drawn.push({ ...first, name: `${first.when} ${first.event}` });
  if (pictures !== undefined) {
    drawn.push({ creates: 1 + random.below(pictures - 1), name: 'files', place: EVENTS.indexOf('begun') + 0.5 });
  }
  // Between the end of a job and its last line, and at any time.
  drawn.push({
    commits: 1 + random.below(Math.max(1, records - 1)),
    name: 'lines',
    place: EVENTS.indexOf('ended') + 0.5,
  });
  drawn.push({
    atMs: random.below(300 + Math.ceil(records / 20)),
    name: 'time',
    place: random.next() * EVENTS.indexOf('ended'),
  });
  const placeOf = ({ place: at, event, when }) => at ?? EVENTS.indexOf(event) + (when === 'before' ? 0 : 0.25);
  return drawn
    .sort((left, right) => placeOf(left) - placeOf(right))
    .map((moment) => ({ ...moment, isFlushed: random.below(2) === 0 }));
}

async function start({ out, origin, lane, pictures, kill }) {
  sum.sessions += 1;
  const settings = { input: join(place, 'notes.jsonl'), out, origin, lane, pictures, kill };
  const child = spawn(process.execPath, [session, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = kill.atMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), kill.atMs);
  // A session that hangs is a broken promise as well.
  const watchdog = setTimeout(() => {
    problems.push(`A session on ${out} did not end within ten minutes`);
    child.kill('SIGTERM');
  }, 600_000);
  let printed = '';
  let errors = '';
  child.stdout.on('data', (data) => (printed += data));
  child.stderr.on('data', (data) => (errors += data));
  const [code, signal] = await new Promise((resolve) => child.once('close', (...end) => resolve(end)));
  clearTimeout(timer);
  clearTimeout(watchdog);
  if (signal === null && code !== 0) problems.push(`A session on ${out} broke: ${errors.slice(0, 2000)}`);
  return { signal, end: code === 0 ? JSON.parse(printed) : undefined };
}

/** Lays what the run says beside what the service did. */
async function check(out, emulator, name) {
  const run = checkRun(out, records);
  const found = [...run.problems];
  sum.lost += run.lost;
  sum.doubled += run.doubled;
  sum.unsettled += run.ledger.unsettled;
  if (run.lost + run.doubled > 0) found.push(`${run.lost} records lost, ${run.doubled} doubled`);
  const { batch } = emulator.stats();
  // On a slow machine the deadline may pass before the first job.
  const { batch: byBatch = { doubled: 0, tokens: { batch: 0 }, usd: { batch: 0 } } } = JSON.parse(
    readFileSync(join(out, 'usage.json'), 'utf8'),
  );
  const text = readFileSync(join(out, 'batches.jsonl'), 'utf8');
  const known = new Set(text.match(/projects\/[^"]*\/batchPredictionJobs\/\d+/g));
  sum.jobs += batch.jobs;
  if (known.size !== batch.jobs) {
    sum.unnoticed += batch.jobs - known.size;
    found.push(`the service made ${batch.jobs} jobs, batches.jsonl names ${known.size}`);
  }
  // A second job of one shard is looked for before it is asked for, and only the service may make one.
  if (byBatch.doubled > 0 && name !== 'doubled-create') found.push(`${byBatch.doubled} jobs were made twice`);
  if (existsSync(join(out, 'batches'))) found.push('lines of shards were left on this machine');
  const told = { prompt: 0, cached: 0, completion: 0, reasoning: 0, total: 0 };
  let nanoUsd = 0;
  let lines = 0;
  const prices = new Prices({ model: undefined });
  for (const entry of entries(join(out, 'attempts.jsonl'))) {
    if (entry.via !== 'batch') continue;
    lines += 1;
    for (const kind of Object.keys(told)) told[kind] += entry.tokens[kind];
    nanoUsd += entry.tokens.total === 0 ? 0 : (prices.costOf(entry) ?? 0);
  }
  for (const kind of Object.keys(told)) {
    if (told[kind] !== batch.tokens[kind]) {
      found.push(`the ledger has ${told[kind]} ${kind} tokens by batch, the bill ${batch.tokens[kind]}`);
    }
  }
  if (byBatch.tokens.batch !== batch.tokens.total) {
    found.push(`usage.json says ${byBatch.tokens.batch} tokens by batch, the bill ${batch.tokens.total}`);
  }
  if (Math.abs(byBatch.usd.batch * 1e9 - nanoUsd) > 1) found.push(`usage.json says $${byBatch.usd.batch} by batch`);
  // Each line is rounded up to a billionth of a dollar.
  const bill = prices.costOf({
    model: 'google/gemini-3.5-flash-lite',
    via: 'batch',
    at: startIso(),
    tokens: batch.tokens,
  });
  if (nanoUsd < bill || nanoUsd > bill + lines)
    found.push(`the ledger comes to ${nanoUsd} nanodollars, the bill to ${bill}`);
  for (let tries = 0; tries < 400 && emulator.stats().inFlight > 0; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const online = reconcile(out, emulator.requests(), ({ via }) => via === undefined);
  sum.paidAgain += online.paidAgain;
  found.push(...online.problems);
  return found;
}

/** Each picture is there once, and was before the lines of any job that names it. */
async function checkPictures(out, emulator, pictures) {
  const found = [];
  const bucket = `${emulator.origin}/storage/v1/b/bucket/o`;
  const headers = { authorization: 'Bearer any' };
  const { items = [] } = await (await fetch(`${bucket}?prefix=night/`, { headers })).json();
  const generations = new Map(items.map(({ name, generation }) => [name, BigInt(generation)]));
  const named = new Set();
  for (const { event, prefix } of entries(join(out, 'batches.jsonl'))) {
    const input = `${prefix}/input.jsonl`;
    if (event !== 'planned' || !generations.has(input)) continue;
    const text = await download(`${bucket}/${encodeURIComponent(input)}?alt=media`);
    for (const [, name] of text.matchAll(/"fileUri":"gs:\/\/bucket\/([^"]+)"/g)) {
      named.add(name);
      if (!(generations.get(name) < generations.get(input))) found.push(`${input} names ${name}, which was not there`);
    }
  }
  const there = items.filter(({ name }) => name.includes('-media/')).length;
  if (named.size !== pictures || there !== pictures)
    found.push(`${named.size} pictures are named and ${there} are there, of ${pictures}`);
  return found;
}

/** The emulator breaks some transfers, ours as well. */
async function download(url) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await (await fetch(url, { headers: { authorization: 'Bearer any' } })).text();
    } catch (error) {
      if (tries === 5) throw error;
    }
  }
}

function startIso() {
  return new Date(startedAt).toISOString();
}

function tell() {
  const never = [...struck].filter(([, count]) => count === 0).map(([name]) => name);
  const isWhole = values.scenario === undefined && wantedKills >= 60;
  if (never.length > 0 && isWhole) problems.push(`No kill struck ${never.join(', ')}`);
  const figures = {
    ...sum,
    seed,
    records,
    scenarios: `${played.size} of ${scenarios.length}`,
    struck: Object.fromEntries(struck),
    seconds: Math.round((Date.now() - startedAt) / 1000),
  };
  if (values.json) process.stdout.write(`${JSON.stringify({ ...figures, problems })}\n`);
  else {
    const rows = [
      ['kills', `${sum.kills} in ${sum.sessions} sessions of ${sum.runs} runs of ${records} records`],
      ['moments struck', [...struck].map(([name, count]) => `${name} ${count}`).join(', ')],
      ['ways of going wrong', figures.scenarios],
      ['records lost, doubled', `${sum.lost}, ${sum.doubled}`],
      ['jobs, unnoticed ones', `${sum.jobs}, ${sum.unnoticed}`],
      ['calls online unsettled, paid again', `${sum.unsettled}, ${sum.paidAgain}`],
      ['time', `${figures.seconds} s, seed ${seed}, Node ${process.version}`],
    ];
    for (const [name, value] of rows) process.stdout.write(`${name.padEnd(36)}${value}\n`);
  }
  for (const problem of problems) process.stderr.write(`PROBLEM ${problem}\n`);
  if (values.keep || problems.length > 0) process.stderr.write(`kept: ${place}\n`);
  else rmSync(place, { recursive: true, force: true });
  process.exitCode = problems.length === 0 ? 0 : 1;
}
