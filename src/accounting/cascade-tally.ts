import type { CalibrationReport } from '../cascade/calibration.ts';
import type { AttemptEntry } from '../store/entries.ts';
import { toUsd, type NanoUsd } from './price-of.ts';

/** What one model of a cascade was asked and what that cost. */
export interface CascadeShare {
  calls: number;
  tokens: number;
  /** US dollars; null where a price is not known. */
  usd: number | null;
}

/** What usage.json says of a cascade. */
export interface CascadeReport {
  /** Results of this run that are the cheap model's. */
  kept: number;
  /** Records that the strong model was asked for, by reason; `invalid` are those whose cheap answer could not be used. */
  escalated: Record<string, number>;
  cheap: CascadeShare;
  strong: CascadeShare;
  /**
   * About how much less it cost than the strong model alone, which would have cost for each kept record what it cost for the others. Below
   * zero where the cheap model was asked in vain; null where that is not known.
   */
  savedUsd: number | null;
  /** How the promise was kept, where there is one. */
  promise: CalibrationReport | null;
}

interface Sum {
  calls: number;
  tokens: number;
  cost: NanoUsd;
  isPriced: boolean;
}

/** Adds up the ledger of a cascade by its models. */
export class CascadeTally {
  readonly #cheap: Sum = { calls: 0, tokens: 0, cost: 0, isPriced: true };
  readonly #strong: Sum = { calls: 0, tokens: 0, cost: 0, isPriced: true };
  readonly #reasons = new Map<string, number>();
  #escalations = 0;

  /** `cost` is undefined where the price is not known. */
  add({ stage, kind, outcome, code, tokens }: AttemptEntry, cost: NanoUsd | undefined): void {
    const sum = stage === 'strong' ? this.#strong : this.#cheap;
    sum.calls += 1;
    sum.tokens += tokens.total;
    if (cost === undefined) sum.isPriced = false;
    else sum.cost += cost;
    if (kind === 'escalation') this.#escalations += 1;
    if (outcome === 'escalated' && code !== undefined) this.#reasons.set(code, (this.#reasons.get(code) ?? 0) + 1);
  }

  report(kept: number, promise: CalibrationReport | undefined): CascadeReport {
    const named = [...this.#reasons.values()].reduce((sum, count) => sum + count, 0);
    const rest = this.#escalations - named;
    const [cheap, strong] = [this.#cheap, this.#strong];
    const isKnown = cheap.isPriced && strong.isPriced && this.#escalations > 0;
    const saved = isKnown ? (strong.cost / this.#escalations) * kept - cheap.cost : undefined;
    return {
      kept,
      escalated: { ...(rest > 0 ? { invalid: rest } : {}), ...Object.fromEntries([...this.#reasons].sort()) },
      cheap: shareOf(cheap),
      strong: shareOf(strong),
      savedUsd: saved === undefined ? null : toUsd(Math.round(saved)),
      promise: promise ?? null,
    };
  }
}

function shareOf({ calls, tokens, cost, isPriced }: Sum): CascadeShare {
  return { calls, tokens, usd: isPriced ? toUsd(cost) : null };
}

/** One sentence for people; every figure is in usage.json. */
export function describeCascade(
  { kept, escalated, savedUsd }: CascadeReport,
  { count, usd }: { count(value: number): string; usd(value: number): string },
): string {
  const asked = Object.values(escalated).reduce((sum, value) => sum + value, 0);
  const reasons = Object.entries(escalated).map(([reason, value]) => `${reason} ${count(value)}`);
  const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
  const saving =
    savedUsd === null
      ? ''
      : savedUsd < 0
        ? `; it cost about ${usd(-savedUsd)} more than the strong model alone`
        : `; it saved about ${usd(savedUsd)}`;
  return `${count(kept)} kept of the cheap model, ${count(asked)} asked of the strong one${why}${saving}`;
}

/** What became of the promise, in one sentence. */
export function describePromise(report: CalibrationReport): string {
  const { agree, delta, trials, agreed, threshold, bound, hasDrifted } = report;
  if (hasDrifted !== undefined) return describeDrift(report);
  const held = `${agreed} of ${trials} cheap answers agreed with the strong model`;
  if (threshold === null || bound === null) {
    return `${held}: no score lets ${agree} of the kept ones agree, so none was kept`;
  }
  return `${held}; those with a score of ${threshold} or more are kept, of which at least ${bound.toFixed(3)} agree (${agree} promised, wrong with a probability of ${delta} at most)`;
}

function describeDrift({ agree, trials, agreed, threshold, hasDrifted }: CalibrationReport): string {
  const held = `of the cheap answers with a score of ${threshold} or more, ${trials} were asked of the strong model all the same, and ${agreed} agreed`;
  return hasDrifted === true
    ? `${held}: fewer than the ${agree} promised agree by now, so from then on none was kept; leave cascade.keep out to find a new threshold`
    : `${held}: nothing speaks against ${agree} of the kept ones agreeing`;
}
