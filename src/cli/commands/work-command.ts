import { hostname } from 'node:os';
import type { ChunkQueue } from '../../fleet/queue/chunk-queue.ts';
import { FleetWorker } from '../../fleet/queue/fleet-worker.ts';
import type { WorkEnd } from '../../fleet/queue/worker-run.ts';
import { counted } from '../../text/counted.ts';
import { formatCount } from '../../text/format.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { openWorkerRun } from '../open-worker-run.ts';
import { openQueue, outageOf, queuePlaceOf } from '../queue-place.ts';
import type { workFlags } from '../settings/flags/fleet-flags.ts';
import type { Settings } from '../settings/settings.ts';
import { listenForStop } from '../stop-signals.ts';
import { paintFor } from '../terminal/colour.ts';
import { createReporter } from '../terminal/create-reporter.ts';
import type { Terminal } from '../terminal/terminal.ts';

const COMES_AND_GOES = /\b(?:does not answer|answers? (?:again|the runs))/;

/** `gleaner work --pool redis://...`: takes chunks of submitted runs until it is stopped, or nothing is left. */
export async function workCommand(
  _parameters: readonly string[],
  settings: Settings<typeof workFlags>,
  terminal: Terminal,
): Promise<number> {
  const place = queuePlaceOf(settings, terminal.environment);
  const reporter = await createReporter(terminal.stderr, {
    isJson: settings.isOn('json-logs'),
    runId: terminal.runId,
    paint: paintFor(terminal.stderr, terminal.environment),
  });
  const stop = listenForStop(terminal, reporter);
  const name = settings.text('name') ?? `${hostname()}:${process.pid}`;
  const tellOnce = once((notice) => reporter.notice(notice));
  const ended = { chunks: 0, records: 0 };
  let queue: ChunkQueue | undefined;
  try {
    const outage = outageOf(place, settings, (notice) => reporter.notice(notice));
    try {
      queue = await openQueue(place, outage, { lockMs: settings.number('lock-ms'), signal: stop.signal });
    } catch (error) {
      const received = stop.received();
      if (received === undefined) throw error;
      return EXIT_CODES[received];
    }
    reporter.notice(`Worker ${name} takes chunks from ${queue.name}`);
    const worker = new FleetWorker({
      queue,
      name,
      untilEmpty: settings.isOn('until-empty'),
      signal: stop.abortSignal,
      stopSignal: stop.signal,
      waitMs: settings.number('pool-wait-ms'),
      onNotice: (notice) => reporter.notice(notice),
      onChunk: ({ definition }, chunk, end) => {
        terminal.onRunBegin?.();
        if (end.kind !== 'done' || !end.isOwn) return;
        const { extracted, rejected, rows } = end.note;
        ended.chunks += 1;
        ended.records += extracted + rejected;
        const before = rows - extracted - rejected;
        reporter.notice(
          `Chunk ${chunk} of ${definition.name}: ${formatCount(extracted)} extracted, ${formatCount(rejected)} rejected${before === 0 ? '' : `, ${formatCount(before)} ended by earlier attempts`}`,
        );
      },
      openRun: (submission) =>
        openWorkerRun(submission, {
          settings,
          terminal,
          poolUrl: place.url,
          onNotice: tellOnce,
        }),
    });
    const end: WorkEnd = await worker.work();
    const received = stop.received();
    if (received !== undefined) {
      reporter.notice(
        `${received}: worker ${name} has ended ${counted(ended.chunks, 'chunk')} with ${counted(ended.records, 'record')}; what it was at goes to others, who do not ask again for what it ended`,
      );
      return EXIT_CODES[received];
    }
    if (end.reason !== undefined) reporter.notice(`exit ${end.exitCode}: ${end.reason}`);
    return end.exitCode;
  } finally {
    stop.close();
    reporter.close();
    await queue?.close();
  }
}

/** What each chunk and run says anew, such as an unknown price, is said once; what comes and goes, each time. */
function once(tell: (notice: string) => void): (notice: string) => void {
  const told = new Set<string>();
  return (notice) => {
    if (told.has(notice)) return;
    if (!COMES_AND_GOES.test(notice)) told.add(notice);
    tell(notice);
  };
}
