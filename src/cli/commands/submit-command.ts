import { dirname, resolve } from 'node:path';
import { digestDefinitionSource } from '../../extraction/definition-source.ts';
import { loadDefinition } from '../../extraction/load-definition.ts';
import { realPlace } from '../../files/real-place.ts';
import { describeSystemError } from '../../files/system-error.ts';
import { planIdsOf } from '../../fleet/plan/plan-ids.ts';
import { refuseForParts } from '../../fleet/plan/refuse-for-parts.ts';
import type { PartStore } from '../../fleet/parts/part-store.ts';
import type { ChunkQueue } from '../../fleet/queue/chunk-queue.ts';
import type { Outage } from '../../fleet/queue/outage.ts';
import type { QueuePlace } from '../../fleet/queue/queue-connection.ts';
import { submitRun, type Submitted } from '../../fleet/queue/submit-run.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { JsonValue } from '../../json/value.ts';
import { delay } from '../../pacing/delay.ts';
import type { RecordFormat } from '../../records/record.ts';
import { counted } from '../../text/counted.ts';
import { formatCount } from '../../text/format.ts';
import { shellWord } from '../../text/shell-word.ts';
import { visibleLine } from '../../text/visible.ts';
import type { Surroundings } from '../bucket-out.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { serviceToSubmit } from '../fleet-service.ts';
import { openFleetStore } from '../fleet-store.ts';
import { isElsewhere } from '../open-elsewhere.ts';
import { openQueue, outageOf, queuePlaceOf } from '../queue-place.ts';
import { camelCase } from '../settings/flag.ts';
import { fleetFlags, type submitFlags } from '../settings/flags/fleet-flags.ts';
import { valuesOf, type Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

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
  const service = await serviceToSubmit(settings, terminal.environment);
  const place = queuePlaceOf(settings, terminal.environment);
  const { extraction, path } = await loadDefinition(definition);
  refuseForParts(extraction);
  const out = isElsewhere(given) ? given : placeOf(given);
  const surroundings = { settings, environment: terminal.environment };
  const store = await openFleetStore(out, surroundings);
  const idField = settings.text('id-field');
  const outage = outageOf(place, settings, (notice) => terminal.stderr.write(`${visibleLine(notice)}\n`));
  let queue: ChunkQueue | undefined;
  try {
    if (isElsewhere(out)) await demandBucketIsOwn(out, store, surroundings);
    queue = await openQueue(place, outage, { isLong: true });
    const submitted = await submitRun({
      store,
      queue,
      outage,
      definition: { reference: definition, name: extraction.name, digest: await digestDefinitionSource(path) },
      input: resolve(input),
      out,
      plan: {
        reading: readingOf(settings),
        chunkRows: settings.number('chunk-rows'),
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
    tell(submitted, { settings, terminal, queueName: queue.name, place });
    if (submitted.end !== undefined) return submitted.end.exitCode;
    return settings.isOn('wait')
      ? await waitForMerge({ queue, outage, terminal }, submitted.submission.run)
      : EXIT_CODES.ok;
  } finally {
    await queue?.close();
    await store.close();
  }
}

/** However it is spelled, a run is the same one, or its records would be paid twice. */
function placeOf(out: string): string {
  try {
    return realPlace(out);
  } catch (error) {
    throw new GleanerError(
      'directory-unusable',
      `Cannot submit into ${out}: ${describeSystemError(error)}; name another directory with --out`,
      { cause: error },
    );
  }
}

async function demandBucketIsOwn(out: string, store: PartStore, surroundings: Surroundings): Promise<void> {
  const { openBucketOut } = await import('../bucket-out.ts');
  const bucket = await openBucketOut(out, surroundings);
  try {
    await bucket.demandOwn(store, 'submit');
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
  { submission, open, added, end }: Submitted,
  {
    settings,
    terminal,
    queueName,
    place,
  }: { settings: Settings<typeof submitFlags>; terminal: Terminal; queueName: string; place: QueuePlace },
): void {
  const { run, chunks, rows, out } = submission;
  if (settings.isOn('json')) {
    terminal.stdout.write(`${JSON.stringify({ run, out, rows, chunks, open, added, end: end ?? null })}\n`);
    return;
  }
  const what = `${counted(rows, 'record')} in ${counted(chunks, 'chunk')}`;
  const said =
    end === undefined
      ? `Submitted ${what} to ${queueName} as ${run}: ${formatCount(open)} are open, ${formatCount(added)} were added. Start workers with ${workCommandOf(place)}`
      : `The run of ${what} is merged in ${out}${end.reason === null ? '' : `, exit ${end.exitCode}: ${end.reason}`}`;
  terminal.stderr.write(`${visibleLine(said)}\n`);
}

/** The command as it can be pasted: the URL of a pool never has a password. */
function workCommandOf({ url, prefix }: QueuePlace): string {
  return `gleaner work --pool ${shellWord(url)}${prefix === undefined ? '' : ` --pool-prefix ${shellWord(prefix)}`}`;
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

async function waitForMerge(
  { queue, outage, terminal }: { queue: ChunkQueue; outage: Outage; terminal: Terminal },
  run: string,
): Promise<number> {
  const say = (text: string): void => void terminal.stderr.write(`${visibleLine(text)}\n`);
  for (;;) {
    const { state, end, failure, stop } = await outage.outlast(async () => {
      try {
        return { ...(await queue.mergeOf(run)), stop: await queue.stopOf(run) };
      } catch (error) {
        throw queue.explain(error);
      }
    });
    if (end !== undefined && state === 'completed') {
      if (end.reason !== null) say(end.reason);
      return end.exitCode;
    }
    if (failure !== undefined) {
      say(`exit ${EXIT_CODES.stopped}: the run could not be merged: ${failure}. The same command tries it again`);
      return EXIT_CODES.stopped;
    }
    if (stop !== undefined) {
      say(
        `exit ${stop.exitCode}: ${stop.reason}. The same command with a higher cap goes on, once workers are started`,
      );
      return stop.exitCode;
    }
    if (state === 'unknown') {
      say(`The queue at ${queue.name} has lost what it knew; the same command again continues`);
      return EXIT_CODES.stopped;
    }
    await delay(LOOK_EVERY_MS);
  }
}
