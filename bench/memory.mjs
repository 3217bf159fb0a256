// Peak memory over 10,000 and over 100,000 records: it must not grow with the input.
import { measureGleaner, median, startServer, writeRecords } from './measure.mjs';

const IN_FLIGHT = 64;
const ROUNDS = 3;

const server = await startServer();
const peaks = new Map();
for (const records of [10_000, 100_000]) {
  const input = await writeRecords(records);
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1)
    rounds.push((await measureGleaner(input, server.origin, IN_FLIGHT)).peakMiB);
  peaks.set(records, rounds);
}
server.stop();

for (const [records, rounds] of peaks) {
  console.log(
    `${records} records: peak ${median(rounds).toFixed(0)} MiB (${rounds.map((peak) => peak.toFixed(0)).join(', ')})`,
  );
}
const growth = median(peaks.get(100_000)) - median(peaks.get(10_000));
console.log(`growth ${growth.toFixed(1)} MiB; wanted: at most 15`);
