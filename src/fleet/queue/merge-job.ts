import { GleanerError } from '../../gleaner-error.ts';
import { messageOf } from '../../text/thrown-message.ts';
import type { ChunkQueue } from './chunk-queue.ts';
import { Lease } from './lease.ts';
import { isOfConnection } from './outage.ts';
import type { TakenJob } from './taken-job.ts';
import type { OpenedRun } from './worker-run.ts';

/** Another one has the turn to merge, or the directory: it is looked at again after so long. */
const AGAIN_MS = 2000;

export interface MergeJobOptions {
  queue: Pick<ChunkQueue, 'lockMerge' | 'lockMs'>;
  /** Aborts to give up at once. */
  signal?: AbortSignal | undefined;
  onNotice?: ((notice: string) => void) | undefined;
}

/** Merges a run, as the job says; one that another worker is at, or that was given up, is put back. */
export async function mergeOnce(
  job: TakenJob,
  { run, submission }: OpenedRun,
  { queue, signal: stopNow, onNotice }: MergeJobOptions,
): Promise<void> {
  const lock = await queue.lockMerge(submission.run);
  if (lock === undefined) {
    await job.putBack(AGAIN_MS);
    return;
  }
  const lease = new Lease(job, queue.lockMs);
  const ends = [lease.lost, lock.lost, stopNow].filter((signal) => signal !== undefined);
  try {
    const end = await run.merge(AbortSignal.any(ends));
    await job.finish(end);
    onNotice?.(
      `The run in ${submission.out} is merged${end.exitCode === 0 ? '' : `, exit ${end.exitCode}${end.reason === null ? '' : `: ${end.reason}`}`}`,
    );
    return;
  } catch (error) {
    // Whatever it met then: its files may be another's.
    const lost = [lease.lost, lock.lost].find((signal) => signal.aborted);
    if (lost !== undefined) {
      onNotice?.(`The merge into ${submission.out} was given up: ${messageOf(lost.reason)}`);
      await job.putBack(AGAIN_MS);
      return;
    }
    if (ends.some((signal) => signal.aborted && signal.reason === error)) {
      await job.putBack();
      return;
    }
    if (!(error instanceof GleanerError) && isOfConnection(error)) throw error;
    // Another merge, or a command that reads and writes the run, holds the directory.
    if (error instanceof GleanerError && error.code === 'run-locked') {
      await job.putBack(AGAIN_MS);
      return;
    }
    // All others would find the same in the parts, or on the disk.
    await job.setAside(messageOf(error));
    onNotice?.(`The run in ${submission.out} could not be merged: ${messageOf(error)}`);
    return;
  } finally {
    lease.end();
    await lock.release();
  }
}
