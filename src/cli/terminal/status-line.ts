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
 * their importance, and the last ones go first where there is no room; a bar takes what room is left, and that of the very last figure.
 */
export function statusLine(figures: StatusFigures, width: number): string {
  const all = parts(figures);
  const line = all.join(GAP);
  const bar = barOf(figures, width - line.length) || barOf(figures, width - all.slice(0, -1).join(GAP).length);
  if (bar !== '') return line.length + bar.length <= width ? line + bar : all.slice(0, -1).join(GAP) + bar;
  return all.reduce((shown, _part, at) => {
    const longer = all.slice(0, at + 1).join(GAP);
    return longer.length <= width ? longer : shown;
  }, '');
}

/** Empty where there is no room, or nothing to measure by. */
function barOf({ ended, total }: StatusFigures, room: number): string {
  const cells = Math.min(LONGEST_BAR, room - GAP.length - 2);
  if (total === undefined || total === 0 || cells < SHORTEST_BAR) return '';
  const filled = Math.floor(cells * Math.min(1, ended / total));
  return `${GAP}[${'='.repeat(filled).padEnd(cells)}]`;
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
