import type { Writable } from 'node:stream';
import { createLogUpdate } from 'log-update';
import type { RunProgress } from '../../run/session/run-progress.ts';
import { describeWait } from './progress-line.ts';
import type { ServiceHealth } from './service-health.ts';
import { RateMeter } from './rate-meter.ts';
import { statusLine } from './status-line.ts';

const REDRAW_MS = 200;
const ERASE_LINE_ABOVE = '\u001B[1A\u001B[2K';

/** What a terminal is to us; all but `write` may be missing. */
export type ScreenStream = Writable & { columns?: number };

/** A line at the bottom of a terminal that is drawn over and over. */
export interface ProgressBar {
  /** Writes text above the line, to stay. */
  print(text: string): void;
  /** Removes the line. */
  close(): void;
}

/** Shows rate, time left, rejects, tokens and cost until it is closed. */
export function startProgressBar(
  stream: ScreenStream,
  progress: RunProgress,
  health: ServiceHealth,
  /** Records of the input, once that is known. */
  total: () => number | undefined,
): ProgressBar {
  const meter = new RateMeter(progress);
  const log = createLogUpdate(stream as NodeJS.WritableStream & Writable);
  let shown = '';

  const clear = (): void => {
    // A window that became narrower has folded the line, which is then on more rows than the library drew.
    const rows = Math.ceil(shown.length / columnsOf(stream));
    log.clear();
    if (rows > 1) stream.write(ERASE_LINE_ABOVE.repeat(rows - 1));
    shown = '';
  };
  const draw = (): void => {
    const columns = columnsOf(stream);
    if (shown.length > columns) clear();
    const { extracted, rejected, tokens, usd, concurrencyLimit } = progress;
    const ended = extracted + rejected;
    const known = total();
    const figures = {
      ended,
      total: known === undefined ? undefined : Math.max(known, ended),
      recordsPerSecond: meter.recordsPerSecond(),
      wait: describeWait(progress, health),
      failed: health.failed,
      rejected,
      tokens,
      usd,
      concurrencyLimit,
    };
    // The last column stays free: some terminals go to the next line as soon as it is written to.
    const line = statusLine(figures, columns - 1);
    if (line === '') return clear();
    shown = line;
    log(line);
  };

  draw();
  const timer = setInterval(draw, REDRAW_MS);
  stream.on('resize', draw);
  return {
    print(text) {
      clear();
      stream.write(`${text}\n`);
      draw();
    },
    close() {
      clearInterval(timer);
      stream.off('resize', draw);
      clear();
      log.done();
    },
  };
}

function columnsOf({ columns = 80 }: ScreenStream): number {
  return Math.max(1, columns);
}
