import type { Writable } from 'node:stream';
import { counted } from '../../text/counted.ts';
import { visible, visibleLine } from '../../text/visible.ts';
import { wrapText } from '../../text/wrap-text.ts';
import type { ProgressBar } from './progress-bar.ts';
import { progressLine } from './progress-line.ts';
import { describeStart, everySoOften, listenWith, type Reporter } from './reporter.ts';
import { RecordCount } from './record-count.ts';
import { ServiceHealth } from './service-health.ts';

/** A bar on a terminal, a line every ten seconds elsewhere, JSON lines where they are asked for. */
export async function createReporter(
  stderr: Writable & { isTTY?: boolean; columns?: number },
  options: { isJson: boolean; runId: string; isQuiet?: boolean },
): Promise<Reporter> {
  if (options.isJson) return (await import('./json-reporter.ts')).createJsonReporter(stderr, options.runId);
  if (options.isQuiet === true) return quietReporter(stderr);
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
    end: (_summary, text) => {
      stop();
      const told = visible(text());
      if (told !== '') write(told);
    },
    close: stop,
  };
}

/** Tells of nothing but an end that is not the wanted one. */
function quietReporter(stderr: Writable): Reporter {
  const nothing = (): void => undefined;
  return {
    start: nothing,
    follow: nothing,
    onEvent: nothing,
    notice: nothing,
    end: ({ exitCode }, text) => void (exitCode === 0 || stderr.write(`${visible(text())}\n`)),
    close: nothing,
  };
}
