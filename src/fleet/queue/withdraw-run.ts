import { GleanerError } from '../../gleaner-error.ts';
import { SUBMITTED_FILE } from '../../store/place-of-parts.ts';
import { readDone } from '../parts/notes.ts';
import type { PartStore } from '../parts/part-store.ts';
import type { ChunkQueue } from './chunk-queue.ts';
import { nameOfRun, type FleetRun } from './submission.ts';

export interface Withdrawn {
  run: string;
  /** Chunks that workers are still at: they come to their end. */
  active: number;
  /** What has ended, and was paid for it; what was paid for chunks that have not ended stands in their ledgers only. */
  ended: { chunks: number; records: number; calls: number; tokens: number; usd: number | null };
  /** Attempts that have begun, those of chunks that have not ended among them. */
  attempts: number;
}

const DONE = /^parts\/(\d+)\.done\.json$/;
const BEGUN = /^parts\/\d+\.a\d+\/begin\.json$/;

/**
 * Takes a submitted run back: what waits in the queue is not begun. Its parts stay, so that submitting it again goes on where it was.
 *
 * @throws {GleanerError} where no run was submitted, or it is merged
 */
export async function withdrawRun(store: PartStore, queue: ChunkQueue, out: string): Promise<Withdrawn> {
  const text = await store.read(SUBMITTED_FILE);
  if (text === undefined) {
    throw new GleanerError('run-unreadable', `Cannot withdraw the run in ${out}: none was submitted for that place`);
  }
  const run = nameOfRun(JSON.parse(text) as FleetRun, out);
  if ((await queue.jobs.mergeOf(run)).state === 'completed') {
    throw new GleanerError('merge-refused', `Cannot withdraw the run in ${out}: it is merged, and nothing of it waits`);
  }
  const { active } = await queue.withdraw(run);
  const ended = { chunks: 0, records: 0, calls: 0, tokens: 0, nanoUsd: 0 as number | null };
  let attempts = 0;
  for await (const name of store.list('parts/')) {
    if (BEGUN.test(name)) attempts += 1;
    const chunk = DONE.exec(name)?.[1];
    const note = chunk === undefined ? undefined : await readDone(store, Number(chunk));
    if (note === undefined) continue;
    ended.chunks += 1;
    ended.records += note.rows;
    ended.calls += note.calls;
    ended.tokens += note.tokens;
    ended.nanoUsd = ended.nanoUsd === null || note.nanoUsd === null ? null : ended.nanoUsd + note.nanoUsd;
  }
  const { nanoUsd, ...counts } = ended;
  return { run, active, attempts, ended: { ...counts, usd: nanoUsd === null ? null : nanoUsd / 1e9 } };
}
