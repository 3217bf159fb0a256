import { counted } from '../text/counted.ts';
import { formatCount, formatDuration, formatUsd } from '../text/format.ts';
import type { Estimate } from './estimate-run.ts';
import type { Span } from './span.ts';

export interface EstimateSurroundings {
  /** Whether the prices are what a service would ask, and nothing is billed. */
  isEmulated: boolean;
  /** What time is reckoned with, in words. */
  pace: string;
}

/** An estimate for people. */
export function estimateText(estimate: Estimate, { isEmulated, pace }: EstimateSurroundings): string {
  const { extraction, model, records, input, tokens, usd, seconds, sample } = estimate;
  const rest = [
    input.changed === 0 ? '' : `${formatCount(input.new)} new, ${formatCount(input.changed)} changed`,
    input.carriedOver === 0 ? '' : `${formatCount(input.carriedOver)} carried over`,
    input.unusable === 0 ? '' : `${formatCount(input.unusable)} unusable`,
  ].filter((part) => part !== '');
  const basis =
    sample === null
      ? 'rough, as nothing was sent: prompts by their letters, answers by the schema'
      : `from ${counted(sample.sent, 'record that was', 'records that were')} sent${sample.usd === null ? '' : `, for ${formatUsd(sample.usd)}`}`;
  const beside: [string, Span | null][] = [
    ['batch jobs', estimate.batchUsd],
    ['flex', estimate.flexUsd],
    ['priority', estimate.priorityUsd],
    ['prompt caching', estimate.cachedUsd],
  ];
  const others = beside.flatMap(([name, span]) => (span === null ? [] : `${name} ${formatUsd(span.expected)}`));
  return [
    `${extraction}${model === null ? '' : ` with ${model}`}: ${basis}`,
    line('records', [`${formatCount(records)} to ask for`, ...rest].join(', ')),
    line(
      'tokens',
      range(tokens, (value) => formatCount(Math.round(value))),
    ),
    line('cost', costText(usd, isEmulated)),
    ...(others.length === 0 ? [] : [line('instead', others.join(', '))]),
    line('time', `${range(seconds, (value) => formatDuration(value * 1000))}, at ${pace}`),
    ...(estimate.batchWait === null ? [] : [line('batch', waitText(estimate.batchWait))]),
    ...estimate.advice.map((advice) => line('note', advice)),
  ].join('\n');
}

function waitText({ queueHours, workHours }: NonNullable<Estimate['batchWait']>): string {
  return `up to ${queueHours} h in the queue and ${workHours} h at work, mostly less`;
}

function costText(usd: Span | null, isEmulated: boolean): string {
  if (usd === null) return 'not known: the model has no price here; give your own';
  const text = range(usd, formatUsd);
  return isEmulated ? `${text} at list prices; the emulator bills nothing` : text;
}

/** Both ends, and what is most likely. */
function range({ low, expected, high }: Span, show: (value: number) => string): string {
  return show(low) === show(high) ? show(low) : `about ${show(expected)} (${show(low)} to ${show(high)})`;
}

function line(name: string, text: string): string {
  return `  ${name.padEnd(9)} ${text}`;
}
