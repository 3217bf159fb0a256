import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { defaultFaultMix } from '../dist/emulator/index.js';
import { checkRun } from './check-run.mjs';
import { writeRecords } from './records.mjs';
import { startService } from './service.mjs';
import { runArguments, startSession } from './session.mjs';

const IN_FLIGHT = 64;
/** Faults that only cost time: at a million records each would be met thousands of times. */
const kinds = defaultFaultMix.filter((kind) => !/^retry-|^slow-drip$/.test(kind));

/** One long run without a kill through a service that fails 5 % of the calls: memory, speed, nothing lost, nothing doubled. */
export async function soak({ directory, records, seed, search, say }) {
  const input = join(directory, 'soak.jsonl');
  const out = join(directory, 'soak');
  await writeRecords(input, records);
  const service = await startService({ seed, keepRequests: 0, faults: { rate: 0.05, kinds } });
  const samples = [];
  try {
    const flags = [
      '--concurrency',
      String(IN_FLIGHT),
      '--retry-delay-ms',
      '2',
      '--max-reject-rate',
      '1',
      '--json-logs',
    ];
    const startedAt = performance.now();
    const { child, ended } = startSession(runArguments(input, out, service.baseUrl, flags), { cwd: directory });
    const timer = setInterval(() => {
      const rssMiB = residentMiB(child.pid);
      if (rssMiB !== undefined) samples.push({ seconds: (performance.now() - startedAt) / 1000, rssMiB });
    }, 250);
    const talk = setInterval(
      () => say(`${samples.at(-1)?.seconds.toFixed(0)} s, ${samples.at(-1)?.rssMiB.toFixed(0)} MiB`),
      30_000,
    );
    const { code, printed } = await ended;
    clearInterval(timer);
    clearInterval(talk);
    const seconds = (performance.now() - startedAt) / 1000;
    search.text('the output of the soak', printed);
    if (code !== 0) throw new Error(`The soak ended with ${code}: ${printed.slice(-1000)}`);
    const stats = await service.settled();
    const run = checkRun(out, records);
    const problems = [...run.problems];
    if (stats.tokens.total !== run.ledger.tokens) {
      problems.push(`The service reported ${stats.tokens.total} tokens, the ledger has ${run.ledger.tokens}`);
    }
    if (stats.requests !== run.ledger.calls) {
      problems.push(`The service was asked ${stats.requests} times, the ledger has ${run.ledger.calls} calls`);
    }
    say('searching what was written');
    search.directory(out);
    return {
      ...run,
      records,
      seconds,
      faults: Object.keys(stats.byFault),
      faultsInjected: Object.values(stats.byFault).reduce((sum, count) => sum + count, 0),
      memory: memoryOf(samples, records),
      problems,
    };
  } finally {
    await service.stop();
    rmSync(out, { recursive: true, force: true });
    rmSync(input, { force: true });
  }
}

/** Peak, mean of each tenth of the time, and what the second half added: the heap has found its size by then. */
function memoryOf(samples, records) {
  // The last sample may be of a process that is giving its memory back.
  samples.pop();
  const atTenthsMiB = Array.from({ length: 10 }, (_, tenth) => {
    const start = Math.floor((samples.length * tenth) / 10);
    const part = samples.slice(start, Math.max(start + 1, Math.floor((samples.length * (tenth + 1)) / 10)));
    return Math.round(part.reduce((sum, { rssMiB }) => sum + rssMiB, 0) / Math.max(1, part.length));
  });
  return {
    peakMiB: samples.reduce((peak, { rssMiB }) => Math.max(peak, rssMiB), 0),
    atTenthsMiB,
    // A short soak ends while the heap still finds its size: it tells nothing.
    growthMiBPer100k: samples.length < 100 ? undefined : (atTenthsMiB[9] - atTenthsMiB[4]) / ((records / 2) * 1e-5),
  };
}

/** Undefined where the system does not tell, or the process has ended. */
function residentMiB(pid) {
  try {
    const kibibytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
  } catch {
    return undefined;
  }
}
