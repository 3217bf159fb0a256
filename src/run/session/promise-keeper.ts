import type { PromiseKeeper } from '../../cascade/calibration.ts';
import type { CalibrationRows } from '../../cascade/calibration-first.ts';
import type { CascadeOption } from '../../extraction/definition.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { InputSource } from '../../records/input-source.ts';
import type { PreparedExtraction } from '../prepare-extraction.ts';

/** What has a cascade keep its promise: rows that are asked of both models first, or the watch over a threshold that is known. */
export interface Promised {
  calibrated?: CalibrationRows | undefined;
  drift?: PromiseKeeper | undefined;
}

/**
 * Has a run find out what its cascade may keep, where it makes a promise.
 *
 * @throws {GleanerError} for an input that can be read once only
 */
export async function findOutPromise(
  { reading, recordId }: PreparedExtraction,
  { limit, signal }: { limit: number; signal?: AbortSignal | undefined },
  input: InputSource,
): Promise<Promised> {
  const { agree, delta = DEFAULT_DELTA, calibrate = 300 } = reading.cascade ?? {};
  if (agree === undefined) return {};
  const drift = await driftOf(reading.cascade);
  if (drift !== undefined) return { drift };
  if (!input.canReopen) {
    throw new GleanerError(
      'run-refused',
      `Cannot promise that ${agree} of the kept answers agree for ${input.name}: the records for that are chosen among all, and this input can be read once only; give a file, or leave cascade.agree out`,
    );
  }
  const { calibrationFirst } = await import('../../cascade/calibration-first.ts');
  const calibrated = await calibrationFirst({
    promise: { agree, delta },
    calibrate,
    limit,
    open: async () => (await input.open(signal))[Symbol.asyncIterator](),
    idOf: (row) => {
      const id = row.kind === 'record' ? recordId(row.fields, row.index) : undefined;
      return id?.ok === true ? id.id : undefined;
    },
  });
  return { calibrated };
}

/** Keeps a promise by what the run has found out already; no further records are chosen for it. */
export async function keepPromise({ reading }: PreparedExtraction): Promise<PromiseKeeper | undefined> {
  const { agree, delta = DEFAULT_DELTA } = reading.cascade ?? {};
  if (agree === undefined) return undefined;
  const drift = await driftOf(reading.cascade);
  if (drift !== undefined) return drift;
  const { CascadeCalibration: Calibration } = await import('../../cascade/calibration.ts');
  return new Calibration({ agree, delta }, -1);
}

const DEFAULT_DELTA = 0.1;

/** Watches over the threshold of an earlier run; undefined where each run finds its own. */
async function driftOf(cascade: CascadeOption | undefined): Promise<PromiseKeeper | undefined> {
  const { agree, delta = DEFAULT_DELTA, keep, drift: share = 0.05 } = cascade ?? {};
  if (agree === undefined || keep === undefined) return undefined;
  const { CascadeDrift } = await import('../../cascade/drift.ts');
  return new CascadeDrift({ promise: { agree, delta }, keep, share });
}
