/** A run over a part of a planned input, as a merge takes it. */
export interface MergePart {
  /** Its run directory. */
  directory: string;
  /**
   * How many bytes of each file count; all of a file that is not named. So what a worker wrote after others had gone on without it stays out
   * of the results, and its ledger, whose calls were paid, stays in.
   */
  lengths?: Partial<Readonly<Record<'results' | 'rejects' | 'attempts' | 'inflight' | 'answered', number>>> | undefined;
}

/** What of a part is in the merged run. */
export interface MergedPart {
  directory: string;
  results: number;
  rejects: number;
  calls: number;
  tokens: number;
}
