// The service in a process of its own, so that what is killed beside it leaves it alone.
import { startEmulator } from '../dist/emulator/index.js';

const { keepsBill = false, ...options } = JSON.parse(process.argv[2]);
const emulator = await startEmulator(keepsBill ? { ...options, keepRequests: 20_000 } : options);

// What is asked of a long run is more than can be kept whole: of each request stays its record, what it cost and what became of it.
const LOOK_EVERY_MS = 500;
const SETTLED_AFTER_MS = 10_000;
const bill = [];
const open = [];
/** Requests that had arrived by then, by the milliseconds of this process. */
const arrivals = [];
let seen = 0;
function look() {
  const now = performance.now();
  const { requests } = emulator.stats();
  arrivals.push([Math.round(now), requests]);
  const kept = emulator.requests();
  const fresh = requests - seen;
  for (const entry of fresh === 0 ? [] : kept.slice(-fresh)) open.push({ at: now, entry });
  seen = requests;
  while (open.length > 0 && open[0].at + SETTLED_AFTER_MS < now) settle(open.shift().entry);
}
function settle({ body, usage, fault }) {
  const [, number] = /Note <(\d+)>/.exec(JSON.stringify(body.messages)) ?? [];
  bill.push([Number(number), usage?.total ?? null, fault ?? null]);
}
if (keepsBill) {
  setInterval(look, LOOK_EVERY_MS);
  process.on('message', () => {
    look();
    for (const { entry } of open.splice(0)) settle(entry);
    process.send({ bill, arrivals });
  });
}
process.on('disconnect', () => process.exit());
process.send({ origin: emulator.origin, baseUrl: emulator.baseUrl() });
