import { counted } from '../../text/counted.ts';
import { formatCount, formatForecast, formatRate, formatUsd } from '../../text/format.ts';

/** What a status line tells of a run. */
export interface StatusFigures {
  ended: number;
  /** Records of the input; undefined while they are not counted. */
  total: number | undefined;
  recordsPerSecond: number;
  /** What all calls wait for. */
  wait: string | undefined;
  rejected: number;
  /** Calls that failed. */
  failed: number;
  tokens: number;
  /** US dollars; undefined where a price is not known. */
  usd: number | undefined;
  concurrencyLimit: number;
}

const GAP = '  ';
const SHORTEST_BAR = 10;
const LONGEST_BAR = 40;

/**
 * One line of at most `width` characters, all of them ASCII, so that no terminal makes any wider. The figures stand in the order of
 * their importance, and the last ones go first where there is no room; a bar takes what room is left.
 */
export function statusLine(figures: StatusFigures, width: number): string {
  let line = '';
  for (const part of parts(figures)) {
    const longer = line === '' ? part : line + GAP + part;
    if (longer.length > width) return line;
    line = longer;
  }
  const cells = Math.min(LONGEST_BAR, width - line.length - GAP.length - 2);
  if (figures.total === undefined || figures.total === 0 || cells < SHORTEST_BAR) return line;
  const filled = Math.floor(cells * Math.min(1, figures.ended / figures.total));
  return `${line}${GAP}[${'='.repeat(filled).padEnd(cells)}]`;
}

function parts(figures: StatusFigures): string[] {
  const { ended, total, recordsPerSecond, wait, rejected, failed, tokens, usd, concurrencyLimit } = figures;
  const secondsLeft = total === undefined ? undefined : Math.max(0, total - ended) / recordsPerSecond;
  return [
    total === undefined ? counted(ended, 'record') : `${formatCount(ended)}/${formatCount(total)}`,
    `${formatRate(recordsPerSecond)}/s`,
    ...(secondsLeft === undefined || !Number.isFinite(secondsLeft) ? [] : [`${formatForecast(secondsLeft)} left`]),
    ...(wait === undefined ? [] : [wait]),
    `${formatCount(rejected)} rejected`,
    ...(failed === 0 ? [] : [`${counted(failed, 'call')} failed`]),
    `${formatCount(tokens)} tokens`,
    ...(usd === undefined || usd === 0 ? [] : [formatUsd(usd)]),
    `${concurrencyLimit} at a time`,
  ];
}
