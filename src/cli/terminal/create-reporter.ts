import type { Writable } from 'node:stream';
import { counted } from '../../text/counted.ts';
import { visible, visibleLine } from '../../text/visible.ts';
import { wrapText } from '../../text/wrap-text.ts';
import { EXIT_CODES } from '../exit-code.ts';
import type { Colour, Paint } from './colour.ts';
import type { ProgressBar } from './progress-bar.ts';
import { progressLine } from './progress-line.ts';
import { describeStart, everySoOften, listenWith, type Reporter } from './reporter.ts';
import { RecordCount } from './record-count.ts';
import { ServiceHealth } from './service-health.ts';

/** A bar on a terminal, a line every ten seconds elsewhere, JSON lines where they are asked for. */
export async function createReporter(
  stderr: Writable & { isTTY?: boolean; columns?: number },
  options: { isJson: boolean; runId: string; isQuiet?: boolean; paint?: Paint },
): Promise<Reporter> {
  if (options.isJson) return (await import('./json-reporter.ts')).createJsonReporter(stderr, options.runId);
  const { paint = (_colour, text) => text } = options;
  if (options.isQuiet === true) return quietReporter(stderr, paint);
  const bars = stderr.isTTY === true ? await import('./progress-bar.ts') : undefined;
  const health = new ServiceHealth();
  let bar: ProgressBar | undefined;
  let stopFollowing = (): void => undefined;
  const stop = (): void => {
    stopFollowing();
    stopFollowing = () => undefined;
    bar = undefined;
  };
  const write = (text: string): void => void (bar === undefined ? stderr.write(`${text}\n`) : bar.print(text));
  // Cut between words: a terminal breaks lines within them.
  const tell = (line: string): void => write(wrapText(visibleLine(line), { width: stderr.columns, indent: 2 }));
  return {
    start: (start) => {
      if (start.isIdle === true) return;
      tell(describeStart(start));
      const { endedBefore } = start;
      if (endedBefore > 0) {
        write(`Continuing: ${counted(endedBefore, 'record')} ended before`);
      }
    },
    follow: (progress, countRecords) => {
      if (bars === undefined) {
        stopFollowing = everySoOften(progress, countRecords, (...figures) =>
          tell(progressLine(progress, health, ...figures)),
        );
        return;
      }
      const count = new RecordCount(countRecords);
      const started = bars.startProgressBar(stderr, progress, health, () => count.total());
      bar = started;
      stopFollowing = () => {
        count.stop();
        started.close();
      };
    },
    onEvent: listenWith(tell, health),
    notice: tell,
    end: ({ exitCode }, text) => {
      stop();
      const told = withVerdict(visible(text()), exitCode, paint);
      if (told !== '') write(told);
    },
    close: stop,
  };
}

/** Tells of nothing but an end that is not the wanted one. */
function quietReporter(stderr: Writable, paint: Paint): Reporter {
  const nothing = (): void => undefined;
  return {
    start: nothing,
    follow: nothing,
    onEvent: nothing,
    notice: nothing,
    end: ({ exitCode }, text) =>
      void (exitCode === 0 || stderr.write(`${withVerdict(visible(text()), exitCode, paint)}\n`)),
    close: nothing,
  };
}

/** The first line says how the run ended. */
function withVerdict(text: string, exitCode: number, paint: Paint): string {
  const end = text.indexOf('\n');
  const headline = end === -1 ? text : text.slice(0, end);
  return paint(colourOf(exitCode), headline) + text.slice(headline.length);
}

/** Red is what somebody has to mend, yellow what goes on with the same command or a look. */
function colourOf(exitCode: number): Colour {
  if (exitCode === EXIT_CODES.ok) return 'green';
  return exitCode === EXIT_CODES.refused ? 'red' : 'yellow';
}
