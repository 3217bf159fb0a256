import { GrownLines } from './grown-lines.ts';

/** The batch jobs of a run, and how many of them have not ended. */
export interface BatchJobs {
  jobs: number;
  open: number;
}

/** Reads from batches.jsonl what jobs there are; null where the run has none. */
export function readBatchJobs(path: string): BatchJobs | null {
  const shards = new Map<number, boolean>();
  new GrownLines(path).read(({ event, shard }) => {
    if (typeof shard !== 'number') return;
    if (event === 'created') shards.set(shard, true);
    else if (shards.has(shard) && (event === 'ended' || event === 'collected' || event === 'abandoned'))
      shards.set(shard, false);
  });
  if (shards.size === 0) return null;
  return { jobs: shards.size, open: [...shards.values()].filter(Boolean).length };
}
