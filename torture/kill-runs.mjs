import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { faultKinds } from '../dist/emulator/index.js';
import { checkRun } from './check-run.mjs';
import { lines } from './json-lines.mjs';
import { endingFiles } from './killed-ends.mjs';
import { reconcile } from './reconcile.mjs';
import { writeRecords } from './records.mjs';
import { startService } from './service.mjs';
import { runArguments, startSession } from './session.mjs';

const IN_FLIGHT = 16;
const logs = ['results.jsonl', 'rejects.jsonl', 'attempts.jsonl', 'inflight.jsonl'];
const startingFiles = ['run.lock', 'run.json.tmp', 'run.json', 'results.jsonl', 'inflight.jsonl'];
/** A kill is timed by the first sign of a file, so those that are written at the start, too, are left out. */
const lastFiles = endingFiles.filter((name) => !startingFiles.includes(name));

/** Every kind of fault. Those that rightly end a session, and those that cost a wait, come rarely. */
const faults = {
  rate: 0.12,
  kinds: faultKinds,
  weights: Object.fromEntries(faultKinds.map((kind) => [kind, weight(kind)])),
};

function weight(kind) {
  if (/^status-(?:400|401|403|404|413|499)-|^daily-quota$/.test(kind)) return 0.15;
  if (/^stall|^retry-/.test(kind)) return 0.2;
  return 1;
}

/**
 * Runs the command over and over on one run directory and kills it with SIGKILL at random moments, until it comes to its
 * end; then checks the run, and begins the next one, until enough kills have struck.
 */
export async function killRuns({ directory, kills, records, seed, random, deadline, search, say }) {
  const service = await startService({
    seed,
    latencyMs: { min: 5, max: 40 },
    dripMs: 2,
    keepRequests: records * 20,
    faults,
  });
  const sum = {
    kills: 0,
    phases: { start: 0, recovery: 0, work: 0, ending: 0 },
    runs: 0,
    sessions: 0,
    tornTails: 0,
    records: 0,
    lost: 0,
    doubled: 0,
    unsettled: 0,
    paidAgain: 0,
    mostPaidAgain: 0,
    calls: 0,
    faults: new Set(),
    problems: [],
  };
  try {
    while (sum.kills < kills && Date.now() < deadline) {
      await service.reset();
      const out = join(directory, `kill-${sum.runs + 1}`);
      const input = `${out}.jsonl`;
      await writeRecords(input, records, sum.runs);
      await killUntilDone({ out, input, kills, records, random, deadline, search, service, sum });
      say(`run ${sum.runs}: ${sum.kills} kills so far, ${sum.lost} lost, ${sum.doubled} doubled`);
      if (sum.problems.length === 0) rmSync(out, { recursive: true, force: true });
    }
  } finally {
    await service.stop();
  }
  return sum;
}

async function killUntilDone({ out, input, kills, records, random, deadline, search, service, sum }) {
  const flags = ['--concurrency', String(IN_FLIGHT), '--retry-delay-ms', '2', '--timeout-ms', '1500'];
  const args = runArguments(input, out, service.baseUrl, [...flags, '--max-reject-rate', '1', '--debug']);
  const problems = [];
  let killsHere = 0;
  let cuts = 0;
  let before = snapshot(out);
  for (let session = 1; ; session += 1) {
    if (session > 200) {
      problems.push('The run does not come to its end');
      break;
    }
    const isLast = sum.kills >= kills || Date.now() > deadline;
    const json = random.below(2) === 0 ? ['--json-logs'] : [];
    const { signal, code, printed, phase } = await killedSession([...args, ...json], out, isLast ? undefined : random);
    search.text(`the output of session ${session} on ${out}`, printed);
    sum.sessions += 1;
    compare(out, before, problems);
    if (signal === 'SIGKILL') {
      sum.kills += 1;
      killsHere += 1;
      sum.phases[phase] += 1;
      const torn = tearTails(out, before, random);
      sum.tornTails += torn.length;
      cuts += torn.filter((kind) => kind === 'cut').length;
    } else if (code === 0) {
      break;
    } else if (code !== 3 && code !== 2) {
      problems.push(`A session ended with ${code}: ${printed.slice(-500)}`);
      break;
    } else if (/unforeseen|\n\s+at /.test(printed)) {
      problems.push(`A session met something unforeseen: ${printed.slice(-1500)}`);
      break;
    }
    before = snapshot(out);
  }
  const { byFault } = await service.settled();
  for (const kind of Object.keys(byFault)) sum.faults.add(kind);
  const requests = await service.requests();
  await checkAgain(args, out, service, search, problems);

  const run = checkRun(out, records);
  const books = reconcile(out, requests);
  problems.push(...run.problems, ...books.problems);
  const bound = killsHere * IN_FLIGHT + cuts;
  if (books.paidAgain > bound) problems.push(`${books.paidAgain} calls were paid again, at most ${bound} may be`);
  search.directory(out);
  sum.runs += 1;
  sum.records += records;
  sum.lost += run.lost;
  sum.doubled += run.doubled;
  sum.unsettled += run.ledger.unsettled;
  sum.paidAgain += books.paidAgain;
  sum.mostPaidAgain = Math.max(sum.mostPaidAgain, killsHere === 0 ? 0 : books.paidAgain / killsHere);
  sum.calls += run.ledger.calls;
  sum.problems.push(...problems.slice(0, 20).map((problem) => `${out}: ${problem}`));
}

/** Runs one session and kills it at a random moment, unless it ends before; without `random` it is left to end. */
async function killedSession(args, out, random) {
  const aim = random === undefined ? undefined : takeAim(random);
  if (aim?.files !== undefined) mkdirSync(out, { recursive: true });
  const wasThere = existsSync(join(out, 'attempts.jsonl')) && statSync(join(out, 'attempts.jsonl')).size > 0;
  const seen = new Set();
  const { child, ended } = startSession(args, { cwd: join(out, '..') });
  let strike = aim?.files === undefined ? undefined : () => child.kill('SIGKILL');
  const watcher =
    aim?.files === undefined
      ? undefined
      : watch(out, (_event, name) => {
          seen.add(name);
          if (strike === undefined || !aim.files.includes(name)) return;
          if (aim.afterMs === 0) strike();
          else setTimeout(strike, aim.afterMs);
          strike = undefined;
        });
  const timer = aim?.atMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), aim.atMs);
  const result = await ended;
  clearTimeout(timer);
  watcher?.close();
  return { ...result, phase: phaseOf(out, aim, wasThere) };
}

function takeAim(random) {
  const draw = random.next();
  if (draw < 0.2) return { atMs: random.below(900) };
  if (draw < 0.35) return { files: [random.pick(startingFiles)], afterMs: random.below(3) };
  if (draw < 0.85) return { files: ['results.jsonl'], afterMs: random.below(1000) };
  return {
    files: [random.pick(lastFiles)],
    afterMs: random.below(2) * random.below(4),
  };
}

/** Where a kill struck, as far as the directory shows it. */
function phaseOf(out, aim, wasThere) {
  if (aim?.files?.some((name) => lastFiles.includes(name)) === true) return 'ending';
  const inflight = join(out, 'inflight.jsonl');
  const isFresh = existsSync(inflight) && Date.now() - statSync(inflight).mtimeMs < 300;
  if (isFresh && statSync(inflight).size > 0) return 'work';
  return wasThere ? 'recovery' : 'start';
}

/** The whole lines of the files that hold what is paid for. */
function snapshot(out) {
  const state = new Map();
  for (const name of logs) {
    const path = join(out, name);
    const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    state.set(name, bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1));
  }
  return state;
}

/** What stood there before a session must stand there after it, byte for byte. */
function compare(out, before, problems) {
  for (const [name, bytes] of before) {
    if (name === 'inflight.jsonl' || bytes.length === 0) continue;
    const path = join(out, name);
    const now = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    if (!now.subarray(0, bytes.length).equals(bytes)) problems.push(`${name} lost or changed lines that stood there`);
  }
}

/** Does to the last lines what a kill in the middle of a write does, and what a power cut may do. Before run.json stands, nothing is written. */
function tearTails(out, before, random) {
  const torn = [];
  if (!existsSync(join(out, 'run.json'))) return torn;
  for (const name of logs) {
    const path = join(out, name);
    if (!existsSync(path) || random.next() > 0.35) continue;
    const bytes = readFileSync(path);
    // A line of an earlier session may be cut from results only: of the ledger's, no note in inflight.jsonl is left then.
    const isOwn = bytes.length > (before.get(name)?.length ?? 0);
    const canCut = name === 'attempts.jsonl' ? isOwn : name !== 'inflight.jsonl' && bytes.length > 0;
    if (canCut && random.below(2) === 0) {
      const lastLine = bytes.lastIndexOf(0x0a, bytes.length - 2) + 1;
      truncateSync(path, lastLine + random.below(bytes.length - lastLine));
      torn.push('cut');
    } else {
      const text = [...lines(path, { torn: 'skip' })].at(-1) ?? '{"id":"torn","index":7,"data":{"name":"x"}}';
      appendFileSync(path, text.slice(0, 1 + random.below(text.length - 1)));
      torn.push('half line');
    }
  }
  return torn;
}

/** A finished run is left as it is: nothing is sent, nothing is written. */
async function checkAgain(args, out, service, search, problems) {
  const before = snapshot(out);
  const { requests } = await service.stats();
  const { ended } = startSession(args, { cwd: join(out, '..') });
  const { code, printed } = await ended;
  search.text(`the output of one more session on ${out}`, printed);
  await wait(0);
  if (code !== 0) problems.push(`One more session on the finished run ended with ${code}`);
  if ((await service.stats()).requests !== requests) problems.push('One more session on the finished run sent calls');
  const after = snapshot(out);
  for (const [name, bytes] of before) {
    if (!after.get(name)?.equals(bytes)) problems.push(`One more session on the finished run changed ${name}`);
  }
}
