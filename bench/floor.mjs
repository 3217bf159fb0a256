// What a run costs a record at least: the loop, then the loop with one duty of a run after the other, then gleaner; each beside the others in
// turn. CPU of 20,000 records less that of 2,000, by the least of the rounds. `npm run build && node bench/floor.mjs [rounds]`.
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { directory, measure, measureGleaner, measureLoop, startServer, writeRecords } from './measure.mjs';

const ROUNDS = Number(process.argv[2] ?? 5);
const [FEW, MANY] = [2000, 20_000];
const DUTIES = ['note', 'ledger', 'hash', 'losses', 'tally', 'sync'];

const inputs = { few: await writeRecords(FEW), many: await writeRecords(MANY) };
const server = await startServer();
const programs = { loop: (input) => measureLoop(input, server.origin, 64), 'its files by turns': duty('') };
for (let count = 1; count <= DUTIES.length; count += 1) {
  programs[`and ${DUTIES[count - 1]}`] = duty(DUTIES.slice(0, count).join(','));
}
programs.gleaner = (input) => measureGleaner(input, server.origin, 64);

function duty(names) {
  const program = fileURLToPath(new URL('duties.mjs', import.meta.url));
  return (input) => measure([program, input, server.origin, '64', join(directory, 'duties'), names]);
}

const taken = {};
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, run] of Object.entries(programs)) {
    taken[name] ??= { few: [], many: [] };
    for (const size of ['few', 'many']) taken[name][size].push((await run(inputs[size])).cpuSeconds);
  }
}
server.stop();

const micros = ({ few, many }) => ((Math.min(...many) - Math.min(...few)) * 1e6) / (MANY - FEW);
const loop = micros(taken.loop);
console.log(`Node ${process.version}, ${ROUNDS} rounds, load ${loadavg()[0].toFixed(1)} at the end; CPU a record`);
for (const [name, figures] of Object.entries(taken)) {
  console.log(
    `${name.padEnd(20)} ${micros(figures).toFixed(0).padStart(5)} µs  ${(micros(figures) / loop).toFixed(2).padStart(5)}`,
  );
}
