import { percent } from './chart-scale.ts';
import { markup, type Markup } from './markup.ts';

/** Colours by meaning; the style sheet gives them for light and dark. */
export type Tone = 'good' | 'warn' | 'bad' | 'main' | 'soft' | 'rest';

export interface BarPart {
  value: number;
  tone: Tone;
}

/** One horizontal bar, divided. `label` is what it says, for those who do not see it; without one it only decorates. */
export function bar(
  parts: readonly BarPart[],
  whole: number,
  options: { label?: string; height?: number } = {},
): Markup {
  const { label, height = 10 } = options;
  let before = 0;
  const drawn = parts
    .filter(({ value }) => value > 0 && whole > 0)
    .map(({ value, tone }) => {
      const start = before;
      before += value / whole;
      return markup`<rect class="${tone}" x="${percent(start)}" width="${percent(value / whole)}" height="${height}" />`;
    });
  const role = label === undefined ? markup`aria-hidden="true"` : markup`role="img" aria-label="${label}"`;
  return markup`<svg class="bar" height="${height}" ${role}><rect class="track" width="100%" height="${height}"/>${drawn}</svg>`;
}
