import { niceTicks, percent } from './chart-scale.ts';
import type { BarPart } from './chart-bars.ts';
import { formatCount } from '../../text/format.ts';
import { markup, nothing, type Markup } from './markup.ts';

export interface Column {
  /** From the bottom up. */
  parts: readonly BarPart[];
  /** Shown when pointed at. */
  title: string;
  /** A break in the axis instead of a column. */
  isBreak?: boolean;
}

export interface AxisLabel {
  /** Place along the axis, 0 to 1. */
  at: number;
  text: string;
}

const TOP = 18;
const BASE = 150;
const HEIGHT = 172;
/** A share of the width: a few columns are no wall. */
const WIDEST = 0.08;

/** Upright columns side by side over a labelled axis. Widths are shares, so that text keeps its size on any screen. */
export function columnChart(options: {
  columns: readonly Column[];
  axis: readonly AxisLabel[];
  label: string;
}): Markup {
  const { columns, axis, label } = options;
  const highest = Math.max(0, ...columns.map(({ parts }) => sum(parts)));
  const ticks = niceTicks(highest);
  const top = ticks.at(-1) ?? 1;
  const heightOf = (value: number): number => Number((((BASE - TOP) * value) / top).toFixed(1));
  const lines = ticks.map((tick) => {
    const y = BASE - heightOf(tick);
    return {
      line: markup`<line class="grid" x2="100%" y1="${y}" y2="${y}"/>`,
      text: markup`<text x="100%" y="${y + 4}" text-anchor="end">${formatCount(tick)}</text>`,
    };
  });
  const drawn = columns.map((column, index) =>
    drawColumn(column, index / columns.length, 1 / columns.length, heightOf),
  );
  return markup`<div class="chart"><svg class="scale" height="${HEIGHT}" aria-hidden="true">${lines.map(({ text }) => text)}</svg><svg height="${HEIGHT}" role="img" aria-label="${label}">
    ${lines.map(({ line }) => line)}${drawn}<line class="base" x2="100%" y1="${BASE}" y2="${BASE}"/>${axis.map(drawLabel)}
  </svg></div>`;
}

function drawColumn(
  { parts, title, isBreak }: Column,
  start: number,
  width: number,
  heightOf: (value: number) => number,
): Markup {
  if (isBreak === true) {
    const middle = percent(start + width / 2);
    const hover = markup`<rect class="hover" x="${percent(start)}" y="${TOP}" width="${percent(width)}" height="${BASE - TOP}"/>`;
    const line = markup`<line class="break" x1="${middle}" x2="${middle}" y1="${TOP}" y2="${BASE}"/>`;
    return markup`<g><title>${title}</title>${hover}${line}</g>`;
  }
  if (sum(parts) === 0) return nothing;
  let y = BASE;
  const wide = Math.min(width * 0.84, WIDEST);
  const rects = parts
    .filter(({ value }) => value > 0)
    .map(({ value, tone }) => {
      // What happened at all has to be seen.
      const height = Math.max(1.5, heightOf(value));
      y -= height;
      return markup`<rect class="${tone}" x="${percent(start + (width - wide) / 2)}" y="${Number(y.toFixed(1))}" width="${percent(wide)}" height="${height}" />`;
    });
  return markup`<g><title>${title}</title>${rects}</g>`;
}

function drawLabel({ at, text }: AxisLabel): Markup {
  const anchor = at <= 0.01 ? 'start' : at >= 0.99 ? 'end' : 'middle';
  return markup`<text x="${percent(at)}" y="${HEIGHT - 6}" text-anchor="${anchor}">${text}</text>`;
}

function sum(parts: readonly BarPart[]): number {
  return parts.reduce((total, { value }) => total + value, 0);
}
