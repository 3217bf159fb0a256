import { SILENT_MS, type FleetRunStatus, type FleetStatus } from './fleet-status.ts';
import type { RunJobs } from './run-jobs.ts';
import type { RunRegister } from './run-register.ts';
import type { WorkerBeats } from './worker-beats.ts';

const MERGE_FAILED = 3;

export interface FleetStatusSources {
  runs: Pick<RunRegister, 'submissions' | 'stopOf'>;
  jobs: Pick<RunJobs, 'chunkCounts' | 'mergeOf'>;
  workers: Pick<WorkerBeats, 'heardOf'>;
}

/** All runs and workers, as the queue has them. */
export async function readFleetStatus({ runs, jobs, workers }: FleetStatusSources): Promise<FleetStatus> {
  const submissions = await runs.submissions();
  const counts = await jobs.chunkCounts(submissions.map(({ run }) => run));
  const statuses: FleetRunStatus[] = [];
  for (const { run, revision, definition, input, out, rows, chunks } of submissions) {
    const { waiting, active, setAside } = counts.get(run) ?? { waiting: 0, active: 0, setAside: 0 };
    const { end, failure } = await jobs.mergeOf(run);
    // Chunks that had ended when a queue was filled again have no job in it.
    const done = Math.max(0, chunks - waiting - active - setAside);
    statuses.push({
      run,
      definition: definition.name,
      input,
      out,
      rows,
      chunks: { total: chunks, waiting, active, done, setAside },
      end: failure === undefined ? (end ?? null) : { exitCode: MERGE_FAILED, reason: failure },
      stop: (await runs.stopOf({ run, revision })) ?? null,
    });
  }
  const heardOf = await workers.heardOf();
  const recordsPerSecond = heardOf
    .filter(({ seenMsAgo }) => seenMsAgo < SILENT_MS)
    .reduce((sum, worker) => sum + worker.recordsPerSecond, 0);
  return { runs: statuses, workers: heardOf, recordsPerSecond };
}
