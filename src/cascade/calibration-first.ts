import type { SourceRow } from '../records/record.ts';
import { CascadeCalibration, LowestRanks } from './calibration.ts';
import type { AgreementPromise } from './threshold.ts';

export interface CalibrationRowsOptions {
  promise: AgreementPromise;
  /** How many records are held against the strong model. */
  calibrate: number;
  /** Rows to take at most. */
  limit: number;
  /** Opens the input from its beginning. */
  open(): Promise<AsyncIterator<SourceRow>>;
  /** The id of a row; undefined where it has none. */
  idOf(row: SourceRow): string | undefined;
}

/** The rows of an input, those first by which the threshold is found. */
export interface CalibrationRows {
  calibration: CascadeCalibration;
  rows: AsyncGenerator<SourceRow, void, undefined>;
  /** Resolves when every record that was taken so far has come back. To be set before the rows are read. */
  whenIdle: () => Promise<void>;
}

/**
 * Chooses the records of a calibration, and gives the rows of the input with theirs first. The others wait until all of these have ended: only
 * then is it known which cheap answers may be kept. The input is read three times, and nothing of it is held.
 */
export async function calibrationFirst(options: CalibrationRowsOptions): Promise<CalibrationRows> {
  const { promise, calibrate, idOf } = options;
  const ranks = new LowestRanks(calibrate);
  for await (const row of taken(options)) {
    const id = idOf(row);
    if (id !== undefined) ranks.add(id);
  }
  const calibration = new CascadeCalibration(promise, ranks.highest);
  const isChosen = (row: SourceRow): boolean => {
    const id = idOf(row);
    return id !== undefined && calibration.isChosen(id);
  };
  const result: CalibrationRows = { calibration, rows: bothPasses(), whenIdle: () => Promise.resolve() };
  return result;

  async function* bothPasses(): AsyncGenerator<SourceRow, void, undefined> {
    for await (const row of taken(options)) if (isChosen(row)) yield row;
    await result.whenIdle();
    for await (const row of taken(options)) if (!isChosen(row)) yield row;
  }
}

/** The rows of one reading, within the limit. */
async function* taken({ open, limit }: CalibrationRowsOptions): AsyncGenerator<SourceRow, void, undefined> {
  if (limit <= 0) return;
  const rows = await open();
  try {
    for (let count = 1; ; count += 1) {
      const step = await rows.next();
      if (step.done === true) return;
      yield step.value;
      if (count >= limit) return;
    }
  } finally {
    await rows.return?.();
  }
}
