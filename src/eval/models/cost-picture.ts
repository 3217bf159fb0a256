import { markup, outside, type Markup } from '../../report/html/markup.ts';
import type { CandidateFigures } from './compare-candidates.ts';

const WIDTH = 640;
const HEIGHT = 320;
const LEFT = 48;
const RIGHT = 24;
const TOP = 20;
const BOTTOM = 44;

/** Draws F1 over cost: one point a candidate, numbered as in the table, filled where none is as good and cheaper. */
export function costPicture(candidates: readonly CandidateFigures[]): Markup {
  const points = candidates.flatMap(({ name, f1, usdPer1000, isOnFront }, at) =>
    f1 === null || usdPer1000 === null ? [] : [{ number: at + 1, name, f1, usdPer1000, isOnFront }],
  );
  if (points.length === 0) return markup`<p class="note">No picture: no price is known.</p>`;
  const most = Math.max(...points.map(({ usdPer1000 }) => usdPer1000)) || 1;
  const least = Math.max(0, Math.floor((Math.min(...points.map(({ f1 }) => f1)) - 0.02) * 10) / 10);
  const across = (usd: number): number => LEFT + (usd / (most * 1.1)) * (WIDTH - LEFT - RIGHT);
  const up = (f1: number): number => HEIGHT - BOTTOM - ((f1 - least) / (1 - least || 1)) * (HEIGHT - TOP - BOTTOM);
  const lines = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const f1 = least + share * (1 - least);
    return markup`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${fixed(up(f1))}" y2="${fixed(up(f1))}"/><text x="${LEFT - 8}" y="${fixed(up(f1) + 4)}" text-anchor="end">${f1.toFixed(2)}</text>`;
  });
  const ticks = [0, 0.5, 1].map((share) => {
    const usd = share * most;
    return markup`<text x="${fixed(across(usd))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">$${usd.toPrecision(2)}</text>`;
  });
  const dots = points.map(
    ({ number, name, f1, usdPer1000, isOnFront }) =>
      markup`<circle class="${isOnFront ? 'front' : 'behind'}" cx="${fixed(across(usdPer1000))}" cy="${fixed(up(f1))}" r="7"><title>${name}: F1 ${f1.toFixed(3)}, $${usdPer1000.toPrecision(3)} per 1,000 records</title></circle><text x="${fixed(across(usdPer1000) + 11)}" y="${fixed(up(f1) - 8)}">${number}</text>`,
  );
  const said = points
    .map(({ name, f1, usdPer1000 }) => `${name} ${f1.toFixed(3)} at $${usdPer1000.toPrecision(3)}`)
    .join('; ');
  return markup`<style>.chart circle.front { fill: var(--main); } .chart circle.behind { fill: var(--card); stroke: var(--rest); stroke-width: 2; }</style>
    <svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="F1 over US dollars per 1,000 records: ${said}">${lines}${ticks}<line class="base" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM}"/><text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">US dollars per 1,000 records</text>${dots}</svg>
    <ul class="legend">${points.map(({ number, name }) => markup`<li>${number} ${outside(name)}</li>`)}</ul>`;
}

function fixed(value: number): string {
  return String(Number(value.toFixed(1)));
}
