import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mergeRun, type MergeRunOptions } from '../fleet/parts/merge-run.ts';
import { findOpenChunks } from '../fleet/queue/open-chunks.ts';
import type { MergeEnd } from '../fleet/queue/run-jobs.ts';
import { openBucketOut, type Surroundings } from './bucket-out.ts';
import { isInBucket } from './open-elsewhere.ts';
import { EXIT_CODES } from './exit-code.ts';

/** Of chunks that are open, so many are named. */
const MOST_NAMED = 10;

/** Merges the parts of a run into its run directory, or says which chunks are missing. */
export async function mergeInto(
  out: string,
  options: Omit<MergeRunOptions, 'out'>,
  surroundings: Surroundings,
): Promise<MergeEnd> {
  const { store, plan } = options;
  const open = await findOpenChunks(store, plan.end.chunks);
  if (open.length > 0) {
    const named = open.slice(0, MOST_NAMED).map(({ chunk }) => {
      const { index, rows } = plan.chunk(chunk);
      return `chunk ${chunk} (rows ${index + 1} to ${index + rows})`;
    });
    const rest = open.length - named.length;
    return {
      exitCode: EXIT_CODES.stopped,
      reason: `${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''} ${open.length === 1 ? 'was' : 'were'} set aside: their workers ended at the same rows again and again. Nothing is merged; submit again for another try`,
    };
  }
  if (!isInBucket(out)) return endOf(await mergeRun({ ...options, out }));
  const folder = mkdtempSync(join(tmpdir(), 'gleaner-merge-'));
  try {
    const merged = join(folder, 'run');
    const usage = await mergeRun({ ...options, out: merged });
    const bucket = await openBucketOut(out, surroundings);
    try {
      await bucket.upload(merged, store, options.signal);
    } finally {
      await bucket.close();
    }
    return endOf(usage);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function endOf({ exitCode, reason }: MergeEnd): MergeEnd {
  return { exitCode, reason };
}
