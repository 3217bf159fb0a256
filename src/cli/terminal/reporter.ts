import type { EventListener } from '../../run/events.ts';
import type { RunProgress } from '../../run/session/run-progress.ts';
import type { RunSummary } from '../../run/session/run-in-directory.ts';
import { RateMeter } from './rate-meter.ts';
import { RecordCount } from './record-count.ts';
import type { ServiceHealth } from './service-health.ts';

const LINE_EVERY_MS = 10_000;
/** Time for the records of a usual input to be counted. */
const COUNT_AHEAD_MS = 3000;

export interface RunStart {
  extraction: string;
  input: string;
  out: string;
  target: string;
  /** Records that had ended before this session. */
  endedBefore: number;
  /** Whether nothing is to be done, which a notice has said. */
  isIdle?: boolean | undefined;
}

/** Tells people, or a log collector, how a run is going. Everything goes to stderr. */
export interface Reporter {
  start(start: RunStart): void;
  /** `countRecords` tells how many records the run will have, where that can be known. */
  follow(progress: RunProgress, countRecords: (signal: AbortSignal) => Promise<number | undefined>): void;
  /** Takes every event of the run: tells the notices, and keeps how the service fares. */
  onEvent: EventListener;
  /** Tells what the command itself has to say. */
  notice(message: string): void;
  end(summary: RunSummary, text: () => string): void;
  close(): void;
}

/** Gives notices to `tell`, and everything else to `health`. */
export function listenWith(tell: (notice: string) => void, health: ServiceHealth): EventListener {
  return (event) => {
    if (event.type === 'notice') tell(event.message);
    else health.onEvent(event);
  };
}

export function describeStart({ extraction, input, out, target }: RunStart): string {
  return `Extracting ${extraction} from ${input} into ${out}, with ${target}`;
}

/** Tells rate and total every ten seconds, until the function that it returns is called. */
export function everySoOften(
  progress: RunProgress,
  countRecords: (signal: AbortSignal) => Promise<number | undefined>,
  tell: (recordsPerSecond: number, total: number | undefined) => void,
): () => void {
  const meter = new RateMeter(progress);
  // Begins when the first line is near, so that a run too short for one is not slowed down.
  const count = new RecordCount(countRecords);
  const ahead = setTimeout(() => count.total(), LINE_EVERY_MS - COUNT_AHEAD_MS);
  ahead.unref();
  const timer = setInterval(() => tell(meter.recordsPerSecond(), count.total()), LINE_EVERY_MS);
  timer.unref();
  return () => {
    count.stop();
    clearTimeout(ahead);
    clearInterval(timer);
  };
}
