import type { ChunkWork } from '../parts/run-chunk.ts';
import type { MergeEnd } from './run-jobs.ts';
import type { Submission } from './submission.ts';

/** A run, as a worker works on it. */
export interface WorkerRun extends Omit<ChunkWork, 'chunk' | 'worker' | 'from'> {
  /** Puts right what lost workers have claimed of a budget: how many claims were lowered. Default: nothing is claimed. */
  returnClaims?(): Promise<number>;
  /** Makes one run directory of what the parts hold. */
  merge(signal?: AbortSignal): Promise<MergeEnd>;
  close(): Promise<void>;
}

/** A run that a worker has open. */
export interface OpenedRun {
  submission: Submission;
  run: WorkerRun;
  /** Whether workers before this one had stopped at a cap. */
  wasStopped: boolean;
}

/** How the work ended; the reason is undefined where all is well. */
export interface WorkEnd {
  exitCode: number;
  reason?: string | undefined;
}

export const WORK_EXITS = { refused: 2, stopped: 3, capped: 4 } as const;

/** What a job led to: the end of the work, a job that is left to other workers, or undefined where the next one is taken. */
export type JobEnd = WorkEnd | 'refused' | undefined;
