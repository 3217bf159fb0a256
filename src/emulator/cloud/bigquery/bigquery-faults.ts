/** What BigQuery does wrong on purpose. */
export const bigQueryFaultKinds = [
  'unavailable',
  'rate-limited',
  'lost-insert-answer',
  'job-backend-error',
  'slow-query',
  'broken-page',
  'results-expired',
] as const;

export type BigQueryFaultKind = (typeof bigQueryFaultKinds)[number];

export interface BigQueryFault {
  kind: BigQueryFaultKind;
  /** Ordinals, from 1, of the calls or jobs it strikes, each kind counted by itself. Default: the first. */
  times?: readonly number[];
}

/** How emulated tables are read and written. */
export interface BigQueryOptions {
  /** Time from the insertion of a job to its end, in milliseconds. Default 0. */
  jobMs?: number;
  /** Most rows of a page, however many are asked for. Default 10,000. */
  pageRows?: number;
  /** Default: none. */
  faults?: readonly BigQueryFault[];
}

/** Counts what faults may strike, kind by kind. */
export class BigQueryFaults {
  readonly #faults: readonly BigQueryFault[];
  readonly #counts = new Map<BigQueryFaultKind, number>();

  constructor(faults: readonly BigQueryFault[]) {
    this.#faults = faults;
  }

  reset(): void {
    this.#counts.clear();
  }

  /** Whether it strikes this time. */
  strikes(kind: BigQueryFaultKind): boolean {
    const fault = this.#faults.find((one) => one.kind === kind);
    if (fault === undefined) return false;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    return (fault.times ?? [1]).includes(count);
  }
}
