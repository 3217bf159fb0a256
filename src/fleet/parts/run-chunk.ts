import { randomUUID } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Extraction } from '../../extraction/definition.ts';
import { systemCode } from '../../files/system-error.ts';
import { run } from '../../run/run.ts';
import type { RunOptions } from '../../run/run-options.ts';
import type { RunSummary } from '../../run/session/run-in-directory.ts';
import { fileNames } from '../../store/run-directory.ts';
import { ChunkSource } from '../plan/chunk-source.ts';
import type { Plan } from '../plan/plan.ts';
import { digestPrefix } from './digest-prefix.ts';
import { readEarlierAttempts, type EarlierAttempts } from './earlier-attempts.ts';
import { claimAttempt, readDone, writeBegin, writeDone, writeEnd, type DoneNote } from './notes.ts';
import { partName, type PartLengths } from './part-names.ts';
import type { PartStore } from './part-store.ts';
import { UnendedRows } from './unended-rows.ts';

export interface ChunkWork {
  store: PartStore;
  plan: Plan;
  chunk: number;
  /** Where the input lies here. */
  input: string;
  extraction: Extraction;
  definitionDigest: string;
  /** Who does it, for people. */
  worker: string;
  /** The first attempt whose death counts: those before it were forgiven. */
  from?: number | undefined;
  options: Omit<RunOptions, 'input' | 'out' | 'isPart' | 'definitionDigest' | 'minRecords' | 'maxRejectRate'>;
  /** Looks at what older attempts have left before the run begins, and may write into its directory. */
  prepare?: (directory: string, chunk: number, earlier: EarlierAttempts) => void | Promise<void>;
}

/**
 * How the work on a chunk ended:
 * - `done`: all of its rows have ended; `isOwn` where this attempt is the one that counts;
 * - `set-aside`: it ended its worker again and again at the same rows, and was not tried once more;
 * - `stopped`: some rows are left; `summary` says why.
 */
export type ChunkEnd =
  | { kind: 'done'; attempt: number; isOwn: boolean; note: DoneNote; summary: RunSummary | undefined }
  | { kind: 'set-aside'; attempt: number; deaths: number }
  | { kind: 'stopped'; attempt: number; summary: RunSummary };

/** A chunk that ended its worker so often, each time at the same rows, is not tried again by itself. */
export const MOST_DEATHS = 3;

/**
 * Runs what is left of a chunk, in this process, into a part of its own. What older attempts have ended is not asked again. Of several attempts
 * that are at it together, the one that writes the chunk's note first is the one that counts: so an attempt that was frozen, or cut off,
 * changes nothing by going on.
 */
export async function runChunk(work: ChunkWork): Promise<ChunkEnd> {
  const { store, chunk, worker } = work;
  const before = await readDone(store, chunk);
  if (before !== undefined)
    return { kind: 'done', attempt: before.attempt, isOwn: false, note: before, summary: undefined };
  const attempt = await claimAttempt(store, chunk, {
    worker,
    pid: process.pid,
    at: new Date().toISOString(),
    // Two containers may share name, pid and millisecond, and the store takes equal contents for the same writer's.
    token: randomUUID(),
  });
  const earlier = await readEarlierAttempts(store, chunk, {
    attempt,
    ...(work.from === undefined ? {} : { from: work.from }),
  });
  if (earlier.deaths >= MOST_DEATHS) {
    await writeEnd(store, chunk, attempt, 'stopped');
    return { kind: 'set-aside', attempt, deaths: earlier.deaths };
  }
  await writeBegin(store, chunk, attempt, { worker, at: new Date().toISOString(), includes: earlier.includes });
  return runAttempt(work, attempt, earlier);
}

async function runAttempt(work: ChunkWork, attempt: number, earlier: EarlierAttempts): Promise<ChunkEnd> {
  const { store, plan, chunk, input, extraction, definitionDigest, options, prepare } = work;
  const part = await store.openPart(partName(chunk, attempt));
  let how: 'done' | 'stopped' | 'failed' = 'failed';
  try {
    keepAnswers(part.directory, earlier.directories);
    await prepare?.(part.directory, chunk, earlier);
    const source = new ChunkSource({ path: input, plan, chunks: [chunk], part: { chunk } });
    const summary = await run(extraction, {
      ...options,
      input: new UnendedRows(source, earlier.ended),
      out: part.directory,
      ownsOut: true,
      isPart: true,
      definitionDigest,
      // Both are judged of the whole run.
      minRecords: 0,
      maxRejectRate: 1,
    });
    const lengths = await part.save();
    if (summary.status !== 'finished') {
      how = 'stopped';
      return { kind: 'stopped', attempt, summary };
    }
    how = 'done';
    const note = noteOf(work, { attempt, earlier, summary, lengths, directory: part.directory });
    const isOwn = await writeDone(store, note);
    return { kind: 'done', attempt, isOwn, note: isOwn ? note : ((await readDone(store, chunk)) ?? note), summary };
  } finally {
    await part.close();
    await writeEnd(store, chunk, attempt, how);
  }
}

interface Ended {
  attempt: number;
  earlier: EarlierAttempts;
  summary: RunSummary;
  lengths: PartLengths;
  directory: string;
}

function noteOf(
  { plan, chunk, worker, definitionDigest }: ChunkWork,
  { attempt, earlier, summary, lengths, directory }: Ended,
): DoneNote {
  const { rows } = plan.chunk(chunk);
  const { extracted, rejected } = summary.records;
  if (extracted + rejected + earlier.ended.size !== rows) {
    throw new Error(
      `Cannot end chunk ${chunk}: ${extracted + rejected} and ${earlier.ended.size} rows have ended, and the plan has ${rows}`,
    );
  }
  const { usd } = summary.cost;
  return {
    version: 1,
    chunk,
    attempt,
    worker,
    at: new Date().toISOString(),
    plan: plan.digest,
    definition: definitionDigest,
    rows,
    extracted,
    rejected,
    calls: summary.calls.sent,
    tokens: summary.tokens.total,
    nanoUsd: usd === null ? null : Math.round(usd * 1e9),
    lengths,
    sha256: {
      results: digestPrefix(join(directory, fileNames.results), lengths.results),
      rejects: digestPrefix(join(directory, fileNames.rejects), lengths.rejects),
    },
    includes: earlier.includes,
  };
}

/** Answers of records that take several calls, which older attempts have paid for and not come to the end of. */
function keepAnswers(directory: string, earlier: readonly string[]): void {
  // Each attempt began with what its predecessor knew.
  for (const before of earlier.toReversed()) {
    try {
      copyFileSync(join(before, fileNames.answered), join(directory, fileNames.answered));
      return;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }
}
