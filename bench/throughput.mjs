// CPU per record of gleaner against a bare undici loop, in turn on one server. Start-up, a run over one record, is taken off.
import { measureBareLoop, measureGleaner, median, startServer, writeRecords } from './measure.mjs';

const RECORDS = 5000;
const IN_FLIGHT = 64;
const ROUNDS = 5;

const server = await startServer();
const many = await writeRecords(RECORDS);
const one = await writeRecords(1);
const perRecord = { bare: [], gleaner: [] };
const startUp = { bare: [], gleaner: [] };
const wall = { bare: [], gleaner: [] };
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, run] of [
    ['bare', measureBareLoop],
    ['gleaner', measureGleaner],
  ]) {
    const alone = await run(one, server.origin, IN_FLIGHT);
    const all = await run(many, server.origin, IN_FLIGHT);
    startUp[name].push(alone.cpuSeconds);
    perRecord[name].push(((all.cpuSeconds - alone.cpuSeconds) / (RECORDS - 1)) * 1e6);
    wall[name].push((RECORDS - 1) / (all.wallSeconds - alone.wallSeconds));
  }
}
server.stop();

const ratios = perRecord.gleaner.map((value, round) => value / perRecord.bare[round]);
const line = (name) =>
  `${name.padEnd(10)} ${median(perRecord[name]).toFixed(0).padStart(6)} µs CPU a record (${Math.min(...perRecord[name]).toFixed(0)} to ${Math.max(...perRecord[name]).toFixed(0)}), ${median(wall[name]).toFixed(0)} records/s, start-up ${median(startUp[name]).toFixed(2)} s CPU`;
console.log(`${RECORDS} records, ${IN_FLIGHT} in flight, ${ROUNDS} rounds, Node ${process.version}`);
console.log(line('bare'));
console.log(line('gleaner'));
console.log(
  `ratio      ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}); wanted: at most 1.60`,
);
