// Does the damage that gleaner promises to survive, and prints what became of it. Seeded and bounded:
//   node torture/torture.mjs --seed 1 --kills 50 --records-kill 2000 --ends 6 --rivals 3 --bad-inputs 60 --soak 1000000 --minutes 30
// Leave out a part with 0. Needs the built command. Exit code 1 when a promise did not hold.
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { faultKinds } from '../dist/emulator/index.js';
import { badInputs } from './bad-inputs.mjs';
import { CanarySearch } from './canaries.mjs';
import { killRuns } from './kill-runs.mjs';
import { killedEnds } from './killed-ends.mjs';
import { seededRandom } from './random.mjs';
import { rivals } from './rivals.mjs';
import { soak } from './soak.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string', default: '50' },
    'records-kill': { type: 'string', default: '2000' },
    ends: { type: 'string', default: '6' },
    rivals: { type: 'string', default: '3' },
    // A process must stand still for most of a minute before it is taken for gone.
    'without-freeze': { type: 'boolean', default: false },
    'bad-inputs': { type: 'string', default: '60' },
    soak: { type: 'string', default: '1000000' },
    minutes: { type: 'string', default: '30' },
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const number = (name) => {
  const value = Number(values[name]);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new RangeError(`--${name} must be a number from 0, got ${values[name]}`);
};
const seed = number('seed');
const say = (text) => process.stderr.write(`${text}\n`);
say(`seed ${seed} (--seed ${seed} draws the same again; what the clock does to a kill no seed repeats)`);

const directory = mkdtempSync(join(tmpdir(), 'gleaner-torture-'));
const search = new CanarySearch();
const common = {
  directory,
  seed,
  random: seededRandom(seed),
  search,
  deadline: Date.now() + number('minutes') * 60_000,
};
const startedAt = Date.now();
const problems = [];
const figures = { seed, node: process.version, cpus: cpus().length };
const rows = [];
const row = (name, value, wanted = '') => rows.push([name, String(value), wanted]);
const count = (value) => value.toLocaleString('en-US');
const faults = new Set();
let lost = 0;
let doubled = 0;

if (number('kills') > 0) {
  const part = await killRuns({
    ...common,
    kills: number('kills'),
    records: number('records-kill'),
    say: (text) => say(`kills: ${text}`),
  });
  problems.push(...part.problems);
  if (part.kills < number('kills')) problems.push(`Only ${part.kills} kills struck before the time was over`);
  lost += part.lost;
  doubled += part.doubled;
  for (const kind of part.faults) faults.add(kind);
  figures.kills = { ...part, faults: part.faults.size };
  const { start, recovery, work, ending } = part.phases;
  row(
    'kills survived',
    `${part.kills} (${start} at start, ${recovery} in recovery, ${work} at work, ${ending} while ending)`,
  );
  row(
    'runs brought to their end over them',
    `${part.runs} of ${count(number('records-kill'))} records, ${part.sessions} sessions`,
  );
  row('last lines torn or cut between sessions', part.tornTails);
  row('calls left unsettled per kill', (part.unsettled / part.kills).toFixed(1), 'at most 16');
  row(
    'calls paid again per kill',
    `${(part.paidAgain / part.kills).toFixed(1)} (worst run ${part.mostPaidAgain.toFixed(1)})`,
    'at most 16',
  );
}
if (number('ends') > 0) {
  const part = await killedEnds({ ...common, ends: number('ends'), say: (text) => say(`ends: ${text}`) });
  problems.push(...part.problems);
  if (part.ends < number('ends')) problems.push(`Only ${part.ends} ends were tried before the time was over`);
  lost += part.lost;
  doubled += part.doubled;
  figures.ends = part;
  row(
    'killed while writing reports over earlier ones',
    `${part.struck} of ${part.ends} sessions, each put right by the next`,
  );
}
if (number('rivals') > 0) {
  const part = await rivals({
    ...common,
    rounds: number('rivals'),
    withFreeze: !values['without-freeze'],
    say: (text) => say(`rivals: ${text}`),
  });
  problems.push(...part.problems);
  if (part.rounds < number('rivals')) problems.push(`Only ${part.rounds} rounds of rivals before the time was over`);
  lost += part.lost;
  doubled += part.doubled;
  figures.rivals = part;
  row('processes set on one run directory', `${part.started} in ${part.rounds} rounds, ${part.refused} refused`);
  row('of them in containers of their own', part.contained);
  row('stopped, taken over, and let go on', `${part.robbed}, each ended with exit 3`);
  row('run directories moved away under a run', `${part.moved}, each run ended with exit 3`);
}
if (number('bad-inputs') > 0) {
  const part = await badInputs({ ...common, files: number('bad-inputs'), say: (text) => say(`bad inputs: ${text}`) });
  problems.push(...part.problems);
  figures.badInputs = part;
  row('bad inputs tried', `${count(part.files)} files, ${count(part.rows)} bad rows`);
}
if (number('soak') > 0) {
  const part = await soak({ ...common, records: number('soak'), say: (text) => say(`soak: ${text}`) });
  problems.push(...part.problems);
  lost += part.lost;
  doubled += part.doubled;
  for (const kind of part.faults) faults.add(kind);
  figures.soak = part;
  const { peakMiB, growthMiBPer100k, atTenthsMiB } = part.memory;
  row(
    'longest soak',
    `${count(part.records)} records, ${count(part.ledger.calls)} calls, ${count(part.faultsInjected)} faults`,
  );
  row('time of the soak', `${part.seconds.toFixed(0)} s, ${count(Math.round(part.records / part.seconds))} records/s`);
  row(
    'memory over the soak',
    `peak ${peakMiB.toFixed(0)} MiB${growthMiBPer100k === undefined ? '' : `, ${growthMiBPer100k.toFixed(1)} MiB more for each 100,000 records of the second half`}`,
  );
  row('memory by tenths of the soak', `${atTenthsMiB.join(', ')} MiB`);
}
row('records lost', lost, '0');
row('records doubled', doubled, '0');
row('fault kinds injected', `${faults.size} of ${faultKinds.length}`);
row('bytes searched for canaries', count(search.bytes));
row('canaries found where they do not belong', search.leaks.length, '0');
problems.push(...search.leaks);
if (lost + doubled > 0) problems.push(`${lost} records lost, ${doubled} doubled`);

if (values.json) {
  const totals = { lost, doubled, faultKinds: faults.size, bytesSearched: search.bytes, leaks: search.leaks, problems };
  process.stdout.write(`${JSON.stringify({ ...figures, ...totals })}\n`);
} else {
  const widths = [0, 1].map((column) => Math.max(...rows.map((cells) => cells[column].length)));
  for (const [name, value, wanted] of rows) {
    process.stdout.write(
      `${name.padEnd(widths[0])}  ${wanted === '' ? value : `${value.padEnd(widths[1])}  wanted: ${wanted}`}\n`,
    );
  }
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
  process.stdout.write(`seed ${seed}, Node ${process.version}, ${cpus().length} CPUs, ${seconds} s in all\n`);
}
for (const problem of problems) say(`PROBLEM ${problem}`);
if (values.keep || problems.length > 0) say(`kept: ${directory}`);
else rmSync(directory, { recursive: true, force: true });
process.exitCode = problems.length === 0 ? 0 : 1;
