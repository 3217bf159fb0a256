// CPU a record against the number of records and against the calls in flight, start included, as two pictures of docs/performance.md:
// `npm run build && node bench/curves.mjs`. Figures stand in the pictures; the least of two rounds each, one
// of those that take long.
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { measureGleaner, measureLoop, measurePeer, peers, startServer, writeRecords } from './measure.mjs';

const IMAGES = join(import.meta.dirname, '../docs/images');
const ROUNDS = 2;
const LONG = 30_000;
const LABEL_HEIGHT = 14;
const MOST_OF_PEERS = 10_000;
const programs = { loop: measureLoop, gleaner: (...given) => measureGleaner(...given) };
for (const name of peers) programs[name] = (...given) => measurePeer(name, ...given);
const colors = { loop: '#888888', gleaner: '#0b6e4f', openai: '#c4622d', instructor: '#6a4fb3' };

const server = await startServer();
const load = loadavg()[0].toFixed(1);
draw('cost-by-records', 'records, 64 calls in flight', await follow([1000, 3000, 10_000, 30_000, 100_000], 64));
draw('cost-by-calls', 'calls in flight, 3,000 records', await follow(3000, [1, 8, 64, 500, 2000]));
server.stop();

/** By program, pairs of what varies and microseconds of CPU a record. */
async function follow(counts, concurrencies) {
  const lines = {};
  for (const varied of [counts, concurrencies].find(Array.isArray)) {
    const [count, concurrency] = Array.isArray(counts) ? [varied, concurrencies] : [counts, varied];
    const input = await writeRecords(count);
    for (const [name, run] of Object.entries(programs)) {
      if (peers.includes(name) && count > MOST_OF_PEERS) continue;
      let least = Number.POSITIVE_INFINITY;
      for (let round = 0; round < (count < LONG ? ROUNDS : 1); round += 1) {
        least = Math.min(least, (await run(input, server.origin, concurrency)).cpuSeconds);
      }
      (lines[name] ??= []).push([varied, (least * 1e6) / count]);
      console.log(
        `${name.padEnd(10)} ${String(varied).padStart(9)} ${((least * 1e6) / count).toFixed(0).padStart(6)} µs`,
      );
    }
  }
  return lines;
}

/** Both axes are logarithmic. */
function draw(file, what, lines) {
  const [width, height, left, top] = [720, 360, 60, 20];
  const all = Object.values(lines).flat();
  const scale = (values, from, to) => {
    const [low, high] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))];
    return (value) => Math.round(from + ((Math.log(value) - low) / (high - low)) * (to - from));
  };
  const x = scale(
    all.map(([value]) => value),
    left,
    width - 120,
  );
  const costs = all.map(([, cost]) => cost);
  const y = scale([...costs, 50], height - 50, top);
  const ticks = [50, 100, 200, 500, 1000, 2000, 5000].filter((cost) => cost <= Math.max(...costs));
  const parts = [
    ...ticks.map(
      (cost) =>
        `<path d="M${left} ${y(cost)}H${width - 120}" stroke="#8884"/>${text(left - 8, y(cost) + 4, cost, 'end')}`,
    ),
    ...[...new Set(all.map(([value]) => value))].map((value) =>
      text(x(value), height - 30, value.toLocaleString('en'), 'middle'),
    ),
    text(
      left,
      height - 8,
      `Microseconds of CPU a record against ${what}; Node ${process.version}, load ${load}`,
      'start',
    ),
    ...Object.entries(lines).map(([name, points]) => {
      const path = points.map(([value, cost], at) => `${at === 0 ? 'M' : 'L'}${x(value)} ${y(cost)}`).join('');
      const dots = points.map(
        ([value, cost]) =>
          `<circle cx="${x(value)}" cy="${y(cost)}" r="3" fill="${colors[name]}"><title>${name}: ${Math.round(cost)} µs at ${value}</title></circle>`,
      );
      return `<path d="${path}" fill="none" stroke="${colors[name]}" stroke-width="2"/>${dots.join('')}`;
    }),
    ...labelsOf(lines, x, y),
  ];
  writeFileSync(
    join(IMAGES, `${file}.svg`),
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#ffffff"/>\n${parts.join('\n')}\n</svg>\n`,
  );
}

/** Each line's name and last figure at its end, those of near lines one below the other. */
function labelsOf(lines, x, y) {
  const ends = Object.entries(lines).map(([name, points]) => {
    const [value, cost] = points.at(-1);
    return { name, x: x(value) + 8, y: y(cost) + 4, cost: Math.round(cost) };
  });
  ends.sort((left, right) => left.y - right.y);
  for (const [at, end] of ends.entries()) {
    const above = ends[at - 1];
    if (above !== undefined && above.x === end.x) end.y = Math.max(end.y, above.y + LABEL_HEIGHT);
  }
  return ends.map((end) => text(end.x, end.y, `${end.name} ${end.cost}`, 'start', colors[end.name]));
}

function text(x, y, content, anchor, color = '#444444') {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${color}">${content}</text>`;
}
