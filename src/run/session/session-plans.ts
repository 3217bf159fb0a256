import type { CalibrationRows } from '../../cascade/calibration-first.ts';
import type { PromiseKeeper } from '../../cascade/calibration.ts';
import type { AnswerCache } from '../../store/answer-cache.ts';
import { isJsonObject } from '../../json/value.ts';
import { isOfFormerCode } from '../../store/code-of-run.ts';
import type { Manifest } from '../../store/manifest.ts';
import { isOfFormerService } from '../../store/service-of-run.ts';
import type { Superseded } from '../../store/superseded.ts';
import type { PreparedExtraction } from '../prepare-extraction.ts';
import { nameOfInput } from '../../records/input-source.ts';
import { mediaRootOf } from '../record/media-root.ts';
import type { SettledRunOptions } from '../run-options.ts';
import { carryOver } from './carry-over.ts';
import type { FeedRow } from './pending-records.ts';
import type { SessionPlan } from './run-in-directory.ts';

/** The plan of an ordinary session: what the input has, with answers that are there already taken again. */
export function inputPlan(parts: {
  rows: AsyncIterator<FeedRow>;
  reopen: () => Promise<AsyncIterator<FeedRow>>;
  options: SettledRunOptions;
  prepared: PreparedExtraction;
  identity: Manifest['identity'];
  cache: AnswerCache | undefined;
  superseded: Superseded | undefined;
  calibrated?: CalibrationRows | undefined;
  skipKnownRows?: ((isKnown: (index: number) => boolean) => void) | undefined;
  /** What watches over the promise of a cascade whose threshold is known. */
  drift?: PromiseKeeper | undefined;
}): SessionPlan {
  const { rows, reopen, options, prepared, identity, cache, superseded, calibrated, drift, skipKnownRows } = parts;
  const earlierFingerprints = earlierFingerprintsOf(prepared, identity);
  const carried = {
    superseded,
    cache,
    isFormer: isOfFormerCode({ identity }),
    judgeAgain: prepared.judgeAgain,
    earlierFingerprints,
  };
  return {
    rows: calibrated?.rows ?? rows,
    skipsKnownRows: isTraceable(parts) ? skipKnownRows : undefined,
    reopen,
    calibration: calibrated?.calibration ?? drift,
    setIdle: calibrated && ((whenIdle) => (calibrated.whenIdle = whenIdle)),
    reuse: (task) => carryOver(task, carried),
    earlierFingerprints,
    mediaRoot: () => mediaRootOf(options.mediaRoot, typeof options.input === 'string' ? options.input : undefined),
    settings: () => settingsOf(options),
    end: async (ended, _previous, countRest) => ({
      end: ended,
      rest: ended.status === 'finished' ? 0 : await countRest(),
    }),
  };
}

/**
 * Whether rows and definition are known to be those of earlier sessions by what the run says of itself: both were looked at as files. A
 * cascade takes its rows in an order of its own, and its trials are in the logs only.
 */
function isTraceable({ options, prepared, identity, calibrated, drift }: Parameters<typeof inputPlan>[0]): boolean {
  const hasDigests = isJsonObject(identity['input']) && options.definitionDigest !== undefined;
  const isCascade = prepared.reading.cascade !== undefined || calibrated !== undefined || drift !== undefined;
  return hasDigests && !isCascade;
}

/** The plan of a retry: rejects of the run are asked again, and nothing that is there is taken instead. */
export function retryPlan(parts: {
  rows: AsyncIterator<FeedRow>;
  options: SettledRunOptions;
  prepared: PreparedExtraction;
  identity: Manifest['identity'];
  calibration: PromiseKeeper | undefined;
}): SessionPlan {
  const { rows, options, prepared, identity, calibration } = parts;
  return {
    rows,
    calibration,
    reuse: () => undefined,
    earlierFingerprints: earlierFingerprintsOf(prepared, identity),
    mediaRoot: (previous) =>
      mediaRootOf(options.mediaRoot ?? previous?.settings['mediaRoot'], previous?.settings['input']),
    settings: (previous) => ({ ...previous?.settings, ...options.settings }),
    end: async (ended, previous, countRest) => {
      if (ended.status !== 'finished') return { end: ended, rest: await countRest() };
      // All rejects have ended again. Of the rows that the run itself has not come to, a retry says nothing.
      const before = previous?.statusBeforeRetry ?? previous?.status ?? 'finished';
      if (before === 'finished') return { end: ended, rest: 0 };
      const status = before === 'running' ? 'interrupted' : before;
      return { end: { ...ended, status, reason: reasonBefore(previous) }, rest: undefined };
    },
  };
}

/** Why the run itself had ended early. */
function reasonBefore(previous: Manifest | undefined): string | undefined {
  return previous?.sessions.findLast(({ reason }) => reason !== undefined)?.reason;
}

/** What run.json says of the settings: those that shape the run, none that could hold a secret. */
function settingsOf(options: SettledRunOptions): Manifest['settings'] {
  return {
    input: nameOfInput(options.input),
    limit: Number.isFinite(options.limit) ? options.limit : null,
    concurrency: options.concurrency,
    requestsPerMinute: options.requestsPerMinute ?? null,
    tokensPerMinute: options.tokensPerMinute ?? null,
    maxAttempts: options.maxAttempts,
    maxReasks: options.maxReasks,
    ...(options.mediaRoot === undefined ? {} : { mediaRoot: options.mediaRoot }),
    ...options.settings,
  };
}

function earlierFingerprintsOf(
  prepared: PreparedExtraction,
  identity: Manifest['identity'],
): PreparedExtraction['earlierFingerprints'] {
  return isOfFormerService({ identity }) ? prepared.formerFingerprints : prepared.earlierFingerprints;
}
