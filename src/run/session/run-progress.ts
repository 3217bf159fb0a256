import type { UsageTally } from '../../accounting/usage-tally.ts';
import type { RecoveredState } from '../../store/recover.ts';
import type { Budget, Pacer } from '../ports.ts';
import type { RunJournal } from './run-journal.ts';

/** A live view of a run, for progress displays; reading it costs nothing and changes nothing. */
export interface RunProgress {
  /** Rows of the input that are dealt with or in work, those of earlier sessions included. */
  readonly rowsTaken: number;
  readonly extracted: number;
  readonly rejected: number;
  /** Records that had ended before this session. */
  readonly endedBefore: number;
  readonly callsSent: number;
  readonly tokens: number;
  /** US dollars; undefined where a price is not known. */
  readonly usd: number | undefined;
  /** Calls now allowed in flight. */
  readonly concurrencyLimit: number;
  /** The quota of a minute that calls wait for now. */
  readonly quotaWait: 'requests' | 'tokens' | undefined;
  /** What else all calls wait for, in words. */
  readonly waitsFor: string | undefined;
  /** Whether calls wait for others to end, because what those may cost at most fills a cap. */
  readonly isBudgetWait: boolean;
}

/** Reads the figures where they are kept, when they are asked for. */
export function liveView(parts: {
  /** Rows of the input that the present pass has taken. */
  rowsTaken(): number;
  journal: RunJournal;
  tally: UsageTally;
  pacer: Pacer;
  budget: Budget | undefined;
  recovered: RecoveredState;
}): RunProgress {
  const { rowsTaken, journal, tally, pacer, budget, recovered } = parts;
  const endedBefore = recovered.extracted + recovered.rejected;
  return {
    endedBefore,
    get rowsTaken() {
      return rowsTaken();
    },
    get extracted() {
      return journal.extracted;
    },
    get rejected() {
      return journal.rejected;
    },
    get callsSent() {
      return tally.sent;
    },
    get tokens() {
      return tally.tokens.total;
    },
    get usd() {
      return tally.usd;
    },
    get concurrencyLimit() {
      return pacer.concurrencyLimit;
    },
    get quotaWait() {
      return pacer.quotaWait;
    },
    get waitsFor() {
      return pacer.waitsFor;
    },
    get isBudgetWait() {
      return budget?.isWaiting ?? false;
    },
  };
}
