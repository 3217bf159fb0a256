import type { Writable } from 'node:stream';
import { formatCount } from '../../text/format.ts';
import type { RunProgress } from '../../run/session/run-progress.ts';
import type { RunSummary } from '../../run/session/run-in-directory.ts';
import { logLine } from './log-line.ts';
import { progressFacts, progressLine } from './progress-line.ts';
import type { ProgressBar } from './progress-bar.ts';
import { RateMeter } from './rate-meter.ts';
import { RecordCount } from './record-count.ts';
import { visible, visibleLine } from '../../text/visible.ts';

const LINE_EVERY_MS = 10_000;

export interface RunStart {
  extraction: string;
  input: string;
  out: string;
  target: string;
  /** Records that had ended before this session. */
  endedBefore: number;
}

/** Tells people, or a log collector, how a run is going. Everything goes to stderr. */
export interface Reporter {
  start(start: RunStart): void;
  /** `countRecords` tells how many records the run will have, where that can be known. */
  follow(progress: RunProgress, countRecords: (signal: AbortSignal) => Promise<number | undefined>): void;
  notice(message: string): void;
  end(summary: RunSummary, text: () => string): void;
  close(): void;
}

/** A bar on a terminal, a line every ten seconds elsewhere, JSON lines where they are asked for. */
export async function createReporter(
  stderr: Writable & { isTTY?: boolean },
  options: { isJson: boolean },
): Promise<Reporter> {
  const bars = stderr.isTTY === true && !options.isJson ? await import('./progress-bar.ts') : undefined;
  let bar: ProgressBar | undefined;
  let stopFollowing = (): void => undefined;
  const stop = (): void => {
    stopFollowing();
    stopFollowing = () => undefined;
    bar = undefined;
  };
  const write = (text: string): void => void (bar === undefined ? stderr.write(`${text}\n`) : bar.print(text));
  const log = (event: string, facts: object): void => write(logLine(event, facts));

  if (options.isJson) {
    return {
      start: (start) => log('run-start', start),
      follow: (progress, countRecords) => {
        stopFollowing = everySoOften(progress, countRecords, (...facts) =>
          log('run-progress', progressFacts(progress, ...facts)),
        );
      },
      notice: (message) => log('notice', { message }),
      end: (summary) => {
        stop();
        log('run-end', { ...summary });
      },
      close: stop,
    };
  }
  const tell = (line: string): void => write(visibleLine(line));
  return {
    start: ({ extraction, input, out, target, endedBefore }) => {
      tell(`Extracting ${extraction} from ${input} into ${out}, with ${target}`);
      if (endedBefore > 0) {
        write(`Continuing: ${formatCount(endedBefore)} ${endedBefore === 1 ? 'record' : 'records'} ended before`);
      }
    },
    follow: (progress, countRecords) => {
      if (bars === undefined) {
        stopFollowing = everySoOften(progress, countRecords, (...facts) => write(progressLine(progress, ...facts)));
        return;
      }
      const count = new RecordCount(countRecords);
      const started = bars.startProgressBar(stderr, progress, () => count.total());
      bar = started;
      stopFollowing = () => {
        count.stop();
        started.close();
      };
    },
    notice: tell,
    end: (_summary, text) => {
      stop();
      write(visible(text()));
    },
    close: stop,
  };
}

function everySoOften(
  progress: RunProgress,
  countRecords: (signal: AbortSignal) => Promise<number | undefined>,
  tell: (recordsPerSecond: number, total: number | undefined) => void,
): () => void {
  const meter = new RateMeter(progress);
  // Begins with the first line, so that a run too short for one is not slowed down.
  const count = new RecordCount(countRecords);
  const timer = setInterval(() => tell(meter.recordsPerSecond(), count.total()), LINE_EVERY_MS);
  timer.unref();
  return () => {
    count.stop();
    clearInterval(timer);
  };
}
