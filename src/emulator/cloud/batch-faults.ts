/** What a batch job does wrong on purpose. */
export const batchFaultKinds = [
  'stuck-pending',
  'expired',
  'cancelled-part',
  'failed-with-rows',
  'failed-without-rows',
  'partially-succeeded',
  'lost-create-answer',
  'doubled-create',
  'missing-line',
  'repeated-line',
  'torn-last-line',
  'failed-line',
  'sharded-names',
  'incremental-file',
  'wrong-location',
  'service-agent',
  'key-dropped',
  'foreign-line',
  'degenerate-json-schema',
  'no-traffic-type',
  'stats-empty',
  'stats-wrong',
  'text-columns',
] as const;

export type BatchFaultKind = (typeof batchFaultKinds)[number];

export interface BatchFault {
  kind: BatchFaultKind;
  /** Ordinals, from 1, of the create calls it strikes. Default: all. */
  jobs?: readonly number[];
  /** Share of the lines it strikes, where it strikes lines. Default 0.1, and one line at least. */
  share?: number;
}

/** How emulated batch jobs run. */
export interface BatchOptions {
  /** Time from creation to the start of work, in milliseconds. Default 100. */
  queueMs?: number;
  /** Time of the work. Default 100. */
  runMs?: number;
  /** Time from a cancel call to the end. Default 50. */
  cancelMs?: number;
  /** Every so many transfers of Cloud Storage break in the middle. Default 0: none. */
  breakEvery?: number;
  /** Default: none. */
  faults?: readonly BatchFault[];
}

/** The faults of one job. */
export class JobFaults {
  readonly #faults: readonly BatchFault[];

  constructor(faults: readonly BatchFault[], job: number) {
    this.#faults = faults.filter(({ jobs }) => jobs === undefined || jobs.includes(job));
  }

  has(kind: BatchFaultKind): boolean {
    return this.#faults.some((fault) => fault.kind === kind);
  }

  /** Whether a line is struck, by its place among the lines of the job. */
  strikes(kind: BatchFaultKind, line: number): boolean {
    const fault = this.#faults.find((one) => one.kind === kind);
    if (fault === undefined) return false;
    const every = Math.max(1, Math.round(1 / (fault.share ?? 0.1)));
    return line % every === 0;
  }
}
