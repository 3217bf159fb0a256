import { dirname, resolve } from 'node:path';
import { digestDefinitionSource } from '../../extraction/definition-source.ts';
import { loadDefinition } from '../../extraction/load-definition.ts';
import { realPlace } from '../../files/real-place.ts';
import { describeSystemError } from '../../files/system-error.ts';
import { planIdsOf } from '../../fleet/plan/plan-ids.ts';
import { refuseForParts } from '../../fleet/plan/refuse-for-parts.ts';
import { demandOwnMerge } from '../../fleet/parts/replace-merge.ts';
import type { PartStore } from '../../fleet/parts/part-store.ts';
import type { ChunkQueue } from '../../fleet/queue/chunk-queue.ts';
import type { Outage } from '../../fleet/queue/outage.ts';
import type { RunStopNote } from '../../fleet/queue/stop-note.ts';
import type { Submission } from '../../fleet/queue/submission.ts';
import type { QueuePlace } from '../../fleet/queue/queue-connection.ts';
import { submitRun, type Submitted } from '../../fleet/queue/submit-run.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { JsonValue } from '../../json/value.ts';
import { delay } from '../../pacing/delay.ts';
import type { RecordFormat } from '../../records/record.ts';
import { refuseInside } from '../../store/refuse-submitted-place.ts';
import { counted } from '../../text/counted.ts';
import { formatCount } from '../../text/format.ts';
import { shellWord } from '../../text/shell-word.ts';
import { visibleLine } from '../../text/visible.ts';
import type { Surroundings } from '../bucket-out.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { serviceToSubmit } from '../fleet-service.ts';
import { openFleetStore } from '../fleet-store.ts';
import { isElsewhere, isInBucket } from '../open-elsewhere.ts';
import { flagWords } from '../typed-command.ts';
import { refuseForWorkers } from '../refuse-for-workers.ts';
import { withdraw } from '../withdraw.ts';
import { openQueue, outageOf, queuePlaceOf } from '../queue-place.ts';
import { camelCase } from '../settings/flag.ts';
import { fleetFlags, type submitFlags } from '../settings/flags/fleet-flags.ts';
import { valuesOf, type Settings } from '../settings/settings.ts';
import type { StopSignal, Terminal } from '../terminal/terminal.ts';

const LOOK_EVERY_MS = 500;

/** `gleaner submit <definition> <input> --out <dir> --pool redis://...`. */
export async function submitCommand(
  [definition = '', input = '']: readonly string[],
  settings: Settings<typeof submitFlags>,
  terminal: Terminal,
): Promise<number> {
  const given = settings.text('out');
  if (given === undefined || given.trim() === '') {
    throw new GleanerError(
      'usage',
      'Cannot submit: no run directory is given; name one with --out, such as --out runs/all',
    );
  }
  if (isElsewhere(input) || input === '-') {
    throw new GleanerError(
      'usage',
      'Cannot submit this input: workers read their chunks of it by themselves; give a file that all of them see',
    );
  }
  const place = queuePlaceOf(settings, terminal.environment);
  const { extraction, path } = await loadDefinition(definition);
  refuseForParts(extraction);
  await refuseForWorkers(extraction, settings, terminal.environment);
  const service = await serviceToSubmit(settings, terminal.environment);
  const out = isInBucket(given) ? given : placeOf(given);
  const surroundings = { settings, environment: terminal.environment };
  const store = await openFleetStore(out, surroundings);
  const idField = settings.text('id-field');
  const outage = outageOf(place, settings, (notice) => terminal.stderr.write(`${visibleLine(notice)}\n`));
  let queue: ChunkQueue | undefined;
  try {
    queue = await openQueue(place, outage, { isLong: true });
    if (settings.isOn('withdraw'))
      return await withdraw({ store, queue, out }, terminal, { isJson: settings.isOn('json') });
    const submitted = await submitRun({
      store,
      queue,
      outage,
      definition: { reference: definition, name: extraction.name, digest: await digestDefinitionSource(path) },
      input: resolve(input),
      out,
      demandOwn: () => demandOwn(out, store, surroundings),
      plan: {
        reading: readingOf(settings),
        chunkRows: settings.number('chunk-rows'),
        concurrency: settings.number('concurrency'),
        ids: planIdsOf(extraction, idField),
      },
      answers: {
        model: settings.text('model') ?? null,
        endpoint: settings.text('endpoint') ?? null,
        idField: idField ?? null,
        ...answersOf(service),
      },
      settings: {
        ...valuesOf(fleetFlags, settings),
        ...valuesOfService(service),
        [camelCase('media-root')]: resolve(settings.text('media-root') ?? dirname(input)),
      },
    });
    for (const warning of await queue.warnings())
      terminal.stderr.write(`${visibleLine(`The pool at ${queue.name}: ${warning}`)}\n`);
    tell(submitted, { settings, terminal, queueName: queue.name, place });
    if (submitted.end !== undefined) return submitted.end.exitCode;
    if (submitted.stop !== undefined) return submitted.stop.exitCode;
    return settings.isOn('wait')
      ? await waitForMerge({ queue, outage, terminal, place }, submitted.submission)
      : EXIT_CODES.ok;
  } finally {
    await queue?.close();
    await store.close();
  }
}

/** However it is spelled, a run is the same one, or its records would be paid twice. */
function placeOf(out: string): string {
  try {
    const place = realPlace(out);
    refuseInside(out, place);
    return place;
  } catch (error) {
    if (error instanceof GleanerError) throw error;
    throw new GleanerError(
      'directory-unusable',
      `Cannot submit into ${out}: ${describeSystemError(error)}; name another directory with --out`,
      { cause: error },
    );
  }
}

/** Whether a merged run stands in the place; what else stands there is refused. */
async function demandOwn(out: string, store: PartStore, surroundings: Surroundings): Promise<boolean> {
  if (!isInBucket(out)) return (await demandOwnMerge(store, out, 'submit')) !== undefined;
  const { openBucketOut } = await import('../bucket-out.ts');
  const bucket = await openBucketOut(out, surroundings);
  try {
    return await bucket.demandOwn(store, 'submit');
  } finally {
    await bucket.close();
  }
}

function readingOf(settings: Settings<typeof submitFlags>): Parameters<typeof submitRun>[0]['plan']['reading'] {
  return {
    format: settings.text('format') as RecordFormat | undefined,
    delimiter: settings.text('delimiter'),
    encoding: settings.text('encoding'),
    fillShortRows: settings.isOn('fill-short-rows') ? true : undefined,
  };
}

function tell(
  { submission, open, added, end, stop }: Submitted,
  {
    settings,
    terminal,
    queueName,
    place,
  }: { settings: Settings<typeof submitFlags>; terminal: Terminal; queueName: string; place: QueuePlace },
): void {
  const { run, chunks, rows, out } = submission;
  if (settings.isOn('json')) {
    terminal.stdout.write(
      `${JSON.stringify({ run, out, rows, chunks, open, added, end: end ?? null, stop: stop ?? null })}\n`,
    );
    return;
  }
  const what = `${counted(rows, 'record')} in ${counted(chunks, 'chunk')}`;
  if (stop !== undefined) {
    terminal.stderr.write(`${visibleLine(`${stopText(stop)}; ${counted(open, 'chunk')} of ${chunks} are open`)}\n`);
    return;
  }
  const said =
    end === undefined
      ? `Submitted ${what} to ${queueName} as ${run}: ${formatCount(open)} are open, ${formatCount(added)} were added. Start workers with ${workCommandOf(place, settings)}`
      : `The run of ${what} is merged in ${out}${end.reason === null ? '' : `, exit ${end.exitCode}: ${end.reason}`}`;
  terminal.stderr.write(`${visibleLine(said)}\n`);
}

/** The command as it can be pasted. Credentials are the one thing of the service that is not queued; the URL of a pool never has a password. */
function workCommandOf(place: QueuePlace, { typed }: Settings<typeof submitFlags>): string {
  const credentials = typed.filter(({ name }) => name === 'auth');
  const pool = `--pool ${shellWord(place.url)}${prefixOf(place)}`;
  return ['gleaner work', pool, ...flagWords(credentials)].join(' ');
}

function prefixOf({ prefix }: QueuePlace): string {
  return prefix === undefined ? '' : ` --pool-prefix ${shellWord(prefix)}`;
}

type SubmittedService = Awaited<ReturnType<typeof serviceToSubmit>>;

/** For people: a submission that differs is told by these names. */
function answersOf(service: SubmittedService): Record<string, JsonValue> {
  const { 'base-url': baseUrl, ...others } = service;
  return { ...others, 'base URL': baseUrl };
}

/** Each worker asks this service, whatever its own environment names. */
function valuesOfService(service: SubmittedService): Record<string, string | boolean> {
  return Object.fromEntries(
    Object.entries(service).flatMap(([name, value]) => (value === null ? [] : [[camelCase(name), value]])),
  );
}

/** What a stopped run waits for. */
function stopText({ exitCode, reason }: RunStopNote): string {
  return `exit ${exitCode}: ${reason}. The same command with a higher cap goes on, once workers are started`;
}

interface Waiting {
  queue: ChunkQueue;
  outage: Outage;
  terminal: Terminal;
  place: QueuePlace;
}

/** Waits until the run is merged or stopped, or somebody waits no longer. */
async function waitForMerge(waiting: Waiting, submission: Submission): Promise<number> {
  const { terminal, queue, place } = waiting;
  const leaving = new AbortController();
  let received: StopSignal | undefined;
  const unlisten = terminal.onStopSignal((name) => {
    received ??= name;
    leaving.abort(new Error(`${name} received`));
  });
  try {
    return await watchMerge(waiting, submission, leaving.signal);
  } catch (error) {
    if (received === undefined) throw error;
    const status = `gleaner status --pool ${shellWord(place.url)}${prefixOf(place)}`;
    terminal.stderr.write(
      `${visibleLine(`${received}: nobody waits here any more. Workers at ${queue.name} go on with ${submission.run} and merge it; ${status} shows how far they are, the same command waits again, and with --withdraw it takes the run back`)}\n`,
    );
    return EXIT_CODES[received];
  } finally {
    unlisten();
  }
}

async function watchMerge(
  { queue, outage, terminal }: Waiting,
  submission: Submission,
  signal: AbortSignal,
): Promise<number> {
  const say = (text: string): void => void terminal.stderr.write(`${visibleLine(text)}\n`);
  for (;;) {
    const { state, end, failure, stop } = await outage.outlast(async () => {
      try {
        const { run } = submission;
        return {
          ...(await queue.jobs.mergeOf(run)),
          stop: await queue.runs.stopOf(submission),
        };
      } catch (error) {
        throw queue.explain(error);
      }
    }, signal);
    if (end !== undefined && state === 'completed') {
      if (end.reason !== null) say(end.reason);
      return end.exitCode;
    }
    if (failure !== undefined) {
      say(`exit ${EXIT_CODES.stopped}: the run could not be merged: ${failure}. The same command tries it again`);
      return EXIT_CODES.stopped;
    }
    if (stop !== undefined) {
      say(stopText(stop));
      return stop.exitCode;
    }
    if (state === 'unknown') {
      say(
        `The queue at ${queue.name} knows the run no more: it was withdrawn, or the queue was lost; the same command again continues`,
      );
      return EXIT_CODES.stopped;
    }
    await delay(LOOK_EVERY_MS, signal);
  }
}
