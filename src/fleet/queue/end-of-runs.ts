import type { ChunkQueue } from './chunk-queue.ts';
import { WORK_EXITS, type OpenedRun, type WorkEnd } from './worker-run.ts';

export interface EndOfRunsOptions {
  queue: {
    name: string;
    runs: Pick<ChunkQueue['runs'], 'isWithdrawn'>;
    jobs: Pick<ChunkQueue['jobs'], 'mergeOf'>;
  };
  onNotice?: ((notice: string) => void) | undefined;
}

/** How a worker ends that finds nothing left: as the worst of the runs that it worked on. */
export async function endOfRuns(
  runs: ReadonlyMap<string, Pick<OpenedRun, 'submission'>>,
  { queue, onNotice }: EndOfRunsOptions,
): Promise<WorkEnd> {
  let worst: WorkEnd = { exitCode: 0 };
  for (const [name, { submission }] of runs) {
    const { state, end, failure } = await queue.jobs.mergeOf(name);
    if (failure !== undefined) {
      worst = {
        exitCode: WORK_EXITS.stopped,
        reason: `the run in ${submission.out} could not be merged: ${failure}`,
      };
      continue;
    }
    if (state === 'unknown') {
      if (await queue.runs.isWithdrawn(name)) {
        onNotice?.(`The run in ${submission.out} was withdrawn`);
        continue;
      }
      return {
        exitCode: WORK_EXITS.stopped,
        reason: `the queue at ${queue.name} has lost what it knew of the run in ${submission.out}; submit it again to continue`,
      };
    }
    if (end !== undefined && end.exitCode > worst.exitCode) {
      worst = { exitCode: end.exitCode, reason: `the run in ${submission.out}: ${end.reason ?? 'see its report'}` };
    }
  }
  return worst;
}
