import { formatForecast } from '../text/format.ts';
import { EXIT_CODES } from './exit-code.ts';
import type { Reporter } from './terminal/reporter.ts';
import type { StopSignal, Terminal } from './terminal/terminal.ts';

/** Calls in flight may take so long after the first signal: well within the 30 s that Kubernetes grants. */
const GRACE_MS = 20_000;
/** What is given up may take so long to end in order; something may hang for good, such as code of the definition. */
const GIVING_UP_MS = 7000;

export interface StopListener {
  /** Aborts at the first signal: no new records, calls in flight finish. */
  signal: AbortSignal;
  /** Aborts at the second signal, or when the grace is over: calls in flight are given up. */
  abortSignal: AbortSignal;
  /** The signal that came first. */
  received(): StopSignal | undefined;
  close(): void;
}

/** Turns the signals that ask to stop into an orderly stop. */
export function listenForStop(terminal: Terminal, reporter: Reporter): StopListener {
  const stopping = new AbortController();
  const aborting = new AbortController();
  let received: StopSignal | undefined;
  let grace: NodeJS.Timeout | undefined;
  let givingUp: NodeJS.Timeout | undefined;
  const endNow = (name: StopSignal): void => {
    reporter.notice(`${name}: the process ends at once. What was written before is whole; the same command continues`);
    terminal.endNow?.(EXIT_CODES[name]);
  };
  const giveUp = (name: StopSignal, reason: string): void => {
    aborting.abort(new Error(reason));
    givingUp ??= setTimeout(() => endNow(name), GIVING_UP_MS);
  };
  const unlisten = terminal.onStopSignal((name) => {
    if (received === undefined) {
      received = name;
      reporter.notice(
        `${name}: no new records are taken; calls in flight get ${formatForecast(GRACE_MS / 1000)} to finish. Repeat to stop at once`,
      );
      stopping.abort(new Error(`${name} received`));
      grace = setTimeout(() => giveUp(name, `${name} received, and calls did not finish in time`), GRACE_MS);
    } else if (aborting.signal.aborted) endNow(received);
    else giveUp(received, name === received ? `${name} received twice` : `${received} and then ${name} received`);
  });
  return {
    signal: stopping.signal,
    abortSignal: aborting.signal,
    received: () => received,
    close: () => {
      clearTimeout(grace);
      clearTimeout(givingUp);
      unlisten();
    },
  };
}
