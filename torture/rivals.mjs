import { cpSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { checkRun } from './check-run.mjs';
import { writeRecords } from './records.mjs';
import { startService } from './service.mjs';
import { runArguments, startSession } from './session.mjs';

const RECORDS = 600;
/** A holder that was silent for half a minute may be taken over. */
const FREEZE_MS = 32_000;
const container = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
const canUnshare = spawnSync(container[0], [...container.slice(1), 'true']).status === 0;

/**
 * Sets several processes on one run directory: started at the same moment, in containers that see nothing of each other, beside a holder
 * that stands still and goes on later, and with the directory moved away under a run. No record may be lost, doubled or paid twice.
 */
export async function rivals({ directory, rounds, withFreeze, seed, random, deadline, search, say }) {
  const service = await startService({ seed, latencyMs: { min: 20, max: 40 }, keepRequests: 0 });
  const sum = {
    rounds: 0,
    started: 0,
    refused: 0,
    contained: 0,
    robbed: 0,
    moved: 0,
    lost: 0,
    doubled: 0,
    problems: [],
  };
  const scenes = { starters, moved, ...(canUnshare ? { containers } : {}), ...(withFreeze ? { frozen } : {}) };
  try {
    for (; sum.rounds < rounds && Date.now() < deadline; sum.rounds += 1) {
      for (const [name, scene] of Object.entries(scenes)) {
        await service.reset();
        const out = join(directory, `rivals-${name}-${sum.rounds + 1}`);
        const input = `${out}.jsonl`;
        await writeRecords(input, RECORDS, sum.rounds);
        const args = runArguments(input, out, service.baseUrl, ['--concurrency', '8', '--max-reject-rate', '1']);
        const problems = [];
        const start = (prefix) => startSession(args, { cwd: directory, prefix });
        await scene({ out, start, sum, random, problems });
        await finishRun({ out, start, service, sum, problems, search });
        sum.problems.push(...problems.slice(0, 20).map((problem) => `${out}: ${problem}`));
        if (problems.length === 0) rmSync(out, { recursive: true, force: true });
      }
      say(`round ${sum.rounds + 1}: ${sum.started} started, ${sum.refused} refused, ${sum.robbed} robbed`);
    }
  } finally {
    await service.stop();
  }
  return sum;
}

async function starters({ start, sum, random, problems }) {
  const sessions = [];
  for (let count = 0; count < 4; count += 1) {
    sessions.push(start());
    await wait(random.below(3) * random.below(60));
  }
  await takeOne(sessions, sum, problems);
}

async function containers({ start, sum, problems }) {
  sum.contained += 3;
  await takeOne([start(container), start(container), start(container)], sum, problems);
}

/** One of them runs to the end; the others are refused, or confirm it afterwards. */
async function takeOne(sessions, sum, problems) {
  sum.started += sessions.length;
  const codes = await Promise.all(sessions.map(async ({ ended }) => (await ended).code));
  sum.refused += codes.filter((code) => code === 2).length;
  if (!codes.includes(0)) problems.push(`None of ${codes.length} processes ran: they ended with ${codes}`);
  const others = codes.filter((code) => code !== 0 && code !== 2);
  if (others.length > 0) problems.push(`Processes ended with ${others} instead of 0 or 2`);
}

/** A process is stopped in the middle of its work, another takes over, and then the first one goes on. */
async function frozen({ out, start, sum, problems }) {
  const first = start();
  await untilGrown(join(out, 'results.jsonl'), 1000);
  first.child.kill('SIGSTOP');
  await wait(FREEZE_MS);
  const second = start();
  // It watches the lock before it takes it; its work is cut short by the first one's return.
  await untilGrown(join(out, 'results.jsonl'), statSync(join(out, 'results.jsonl')).size + 1000);
  first.child.kill('SIGCONT');
  const [robbed, successor] = await Promise.all([first.ended, second.ended]);
  sum.started += 2;
  sum.robbed += 1;
  if (robbed.code !== 3)
    problems.push(`The process that was robbed ended with ${robbed.code}: ${robbed.printed.slice(-500)}`);
  if (successor.code !== 0)
    problems.push(`Its successor ended with ${successor.code}: ${successor.printed.slice(-500)}`);
}

/** The directory is moved away and a copy put in its place, as careless backups do. */
async function moved({ out, start, sum, problems }) {
  const session = start();
  await untilGrown(join(out, 'results.jsonl'), 1000);
  renameSync(out, `${out}.bak`);
  cpSync(`${out}.bak`, out, { recursive: true });
  const { code, printed } = await session.ended;
  sum.started += 1;
  sum.moved += 1;
  if (code !== 3) problems.push(`The run whose directory was moved ended with ${code}: ${printed.slice(-500)}`);
  if (existsSync(join(out, 'usage.json'))) problems.push('It wrote a report into the copy');
  rmSync(out, { recursive: true });
  renameSync(`${out}.bak`, out);
}

async function finishRun({ out, start, service, sum, problems, search }) {
  const { code, printed } = await start().ended;
  search.text(`the output of the last session on ${out}`, printed);
  if (code !== 0) problems.push(`The same command once more ended with ${code}: ${printed.slice(-500)}`);
  const run = checkRun(out, RECORDS);
  problems.push(...run.problems);
  const { requests } = await service.settled();
  const { calls, unsettled } = run.ledger;
  if (requests > calls) problems.push(`The service was asked ${requests} times, the ledger has ${calls} calls`);
  if (calls - unsettled > RECORDS) problems.push(`${calls - unsettled} calls were settled for ${RECORDS} records`);
  sum.lost += run.lost;
  sum.doubled += run.doubled;
  search.directory(out);
}

async function untilGrown(path, size) {
  for (let tries = 0; tries < 6000; tries += 1) {
    if (existsSync(path) && statSync(path).size >= size) return;
    await wait(20);
  }
  throw new Error(`${path} does not grow`);
}
