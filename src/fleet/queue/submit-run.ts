import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GleanerError } from '../../gleaner-error.ts';
import type { JsonObject, JsonValue } from '../../json/value.ts';
import type { PartStore } from '../parts/part-store.ts';
import { Plan } from '../plan/plan.ts';
import { planInput, type PlanOptions } from '../plan/plan-input.ts';
import type { ChunkQueue } from './chunk-queue.ts';
import { findOpenChunks } from './open-chunks.ts';
import type { MergeEnd } from './run-jobs.ts';
import type { RunStopNote } from './stop-note.ts';
import type { Outage } from './outage.ts';
import { adoptRun, claimRevision, nameOfRun, type FleetRun, type Submission } from './submission.ts';

export interface SubmitOptions {
  store: PartStore;
  queue: ChunkQueue;
  /** How the queue's server is waited for. */
  outage: Outage;
  definition: FleetRun['definition'];
  /** Where the input lies, for every worker. */
  input: string;
  out: string;
  /** Whether a merged run stands in its place; refuses what else may stand there. */
  demandOwn: () => Promise<boolean>;
  plan: Omit<PlanOptions, 'file' | 'check' | 'replaces' | 'definition'>;
  answers: { readonly [setting: string]: JsonValue };
  settings: JsonObject;
}

export interface Submitted {
  submission: Submission;
  /** Chunks that had not ended, and those of them that were added to the queue just now. */
  open: number;
  added: number;
  /** How the run ended, where it has been merged and nothing is open. */
  end: MergeEnd | undefined;
  /** Why no worker brings it further, where that is known from an earlier submission. */
  stop: RunStopNote | undefined;
}

const PLAN = 'plan.jsonl';

/**
 * Plans an input and queues its chunks, or continues what stands in the place already: what has ended is not queued again, and nothing is
 * queued twice.
 *
 * @throws {GleanerError} when the input cannot be planned, or another run stands in the place
 */
export async function submitRun(options: SubmitOptions): Promise<Submitted> {
  const { store, queue, outage, definition, input, out, answers, settings, demandOwn } = options;
  await demandOwn();
  const plan = await withScratch((folder) => makePlan(options, join(folder, PLAN)));
  const run: FleetRun = { version: 1, definition, input, plan: plan.digest, answers };
  await adoptRun(store, run);
  // A run of its own that began there meanwhile has seen nothing of this one; whichever begins from here on does.
  await demandOwn();
  const { chunks, rows } = plan;
  const name = nameOfRun(run, out);
  let revision: number | undefined;
  return outage.outlast(async () => {
    try {
      const submitted = await queue.submit(name, async () => {
        const isMerged = await demandOwn();
        const open = await findOpenChunks(store, chunks);
        // Another one may have been submitted since a try whose connection was lost: this one is the later of the two now.
        const latest = (await queue.runs.submission(name))?.revision ?? 0;
        if (revision === undefined || latest > revision) revision = await claimRevision(store, settings);
        return { submission: { ...run, run: name, revision, out, chunks, rows, settings }, open, isMerged };
      });
      const { end, state } =
        submitted.open === 0 ? await queue.jobs.mergeOf(name) : { end: undefined, state: undefined };
      return { ...submitted, end: state === 'completed' ? end : undefined };
    } catch (error) {
      throw queue.explain(error);
    }
  });
}

/** Makes the plan, or adopts the one of an earlier submission when it is of the same input. */
async function makePlan(
  { store, input, plan: asked }: SubmitOptions,
  file: string,
): Promise<{ digest: string; chunks: number; rows: number }> {
  const name = `${store.name}/${PLAN}`;
  const there = await store.read(PLAN);
  if (there !== undefined) writeFileSync(file, there);
  let plan = await planInput(input, { ...asked, file, name });
  if (there === undefined && !(await store.create(PLAN, readFileSync(file, 'utf8')))) {
    // Another one was faster: its plan holds, if it is the same.
    const theirs = (await store.read(PLAN)) ?? '';
    if (theirs !== readFileSync(file, 'utf8')) {
      writeFileSync(file, theirs);
      plan = await planInput(input, { ...asked, file, name });
    }
  }
  return { digest: plan.digest, chunks: plan.end.chunks, rows: plan.end.rows };
}

/**
 * The plan of a submitted run, in a file of this machine.
 *
 * @throws {GleanerError} where it is not the one that was submitted
 */
export async function fetchPlan(store: PartStore, digest: string, file: string): Promise<Plan> {
  const text = await store.read(PLAN);
  if (text === undefined) {
    throw new GleanerError(
      'plan-unusable',
      `Cannot work on the run in ${store.name}: there is no ${PLAN}; does this machine see the directory that was submitted?`,
    );
  }
  writeFileSync(file, text);
  const plan = Plan.open(file);
  if (plan.digest === digest) return plan;
  throw new GleanerError(
    'plan-differs',
    `Cannot work on the run in ${store.name}: its plan is not the one that was submitted`,
  );
}

async function withScratch<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'gleaner-plan-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
