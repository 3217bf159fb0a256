import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { PriceRowInput } from '../../accounting/price-file.ts';
import type { BatchFigures, UsageReport } from '../../accounting/usage-report.ts';
import { StoreError } from '../../files/store-error.ts';
import { systemCode } from '../../files/system-error.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { AcceptanceLimits } from '../../run/session/exit-code.ts';
import { sealRun } from '../../run/session/seal-run.ts';
import { HeldDirectory, type HoldOptions } from '../../store/held-directory.ts';
import { readManifest, writeManifest } from '../../store/manifest.ts';
import { fileNames } from '../../store/run-directory.ts';
import type { Plan } from '../plan/plan.ts';
import type { PlanChunk } from '../plan/plan-lines.ts';
import { copyRest } from './copy-rest.ts';
import { LineFile } from './line-file.ts';
import { mergeLedger } from './merge-ledger.ts';
import type { MergedPart, MergePart } from './merge-part.ts';
import { MergedManifest } from './merged-manifest.ts';
import { OpenedPart } from './open-part.ts';

export interface MergeOptions {
  plan: Plan;
  /** The run directory that is made. */
  out: string;
  /** The parts that have the rows of a chunk; asked chunk by chunk, in order. */
  partsOf(chunk: PlanChunk): readonly MergePart[] | Promise<readonly MergePart[]>;
  /** Parts that have no row that counts, but calls that were paid. Default: none. */
  ledgersOnly?: Iterable<MergePart> | AsyncIterable<MergePart>;
  /** Whether a part has several chunks, so that it is kept open; else it is done with before the next chunk is asked for. */
  spansChunks: boolean;
  /** How many parts there are about, which bounds what is held of each. */
  partCount?: number;
  /** Tells one state of the parts from another: a directory that was merged of the same state is left as it is. */
  state: string;
  limits: AcceptanceLimits;
  /** Prices of the user's own. */
  prices?: readonly PriceRowInput[] | undefined;
  /** What batch jobs did for the parts. */
  figures?: BatchFigures | undefined;
  /** Further settings to write down in run.json. */
  settings?: { readonly [name: string]: string | number | boolean | null };
  /** Looks at the merged run, in the place where it was made, before it gets its name: what it throws leaves nothing behind. */
  check?(merged: { usage: UsageReport; parts: readonly MergedPart[]; place: string }): void | Promise<void>;
  /** Aborts to give the merge up; nothing is left of it. */
  signal?: AbortSignal | undefined;
  hold?: HoldOptions;
}

/** What all windows into the parts' files may take together. */
const WINDOWS_BYTES = 64 * 1024 * 1024;
const LEAST_WINDOW_BYTES = 16 * 1024;
const MOST_WINDOW_BYTES = 1024 * 1024;
/** More are named by their number only. */
const MOST_NAMED = 5;

/**
 * Makes one run directory of parts: results and rejects in input order, each planned row exactly once, and the ledgers one behind the other.
 * It is made beside its place and renamed, so that a kill leaves nothing half; the next merge begins again. Memory: some 24 bytes a row
 * of the parts that are open, and what a run takes for each record when it is opened.
 *
 * @throws {GleanerError} when parts do not belong together, or do not have every row exactly once
 */
export async function mergeParts(given: MergeOptions): Promise<UsageReport> {
  const { state } = given;
  // A directory that is reached by a link is made where the link leads: a directory cannot be renamed onto a link.
  const out = existsSync(given.out) ? realpathSync(given.out) : given.out;
  const options = { ...given, out };
  const workshop = `${out.replace(/\/+$/, '')}.merging`;
  const before = earlierMerge(out, state);
  // One that was killed behind its last step has left its workshop.
  if (before !== undefined && !existsSync(workshop)) return before;
  makeDirectory(workshop);
  const { signal, hold } = options;
  const held = await HeldDirectory.take(workshop, { lockName: fileNames.lock, signal, ...hold });
  try {
    // Whoever held it before may have made it.
    const made = earlierMerge(out, state);
    if (made === undefined) return await mergeIn(held, options);
    clear(held.root);
    return made;
  } finally {
    held.release();
    removeEmpty(workshop);
  }
}

/** Everything up to the rename, so that two merges never meet in one place. */
async function mergeIn(held: HeldDirectory, options: MergeOptions): Promise<UsageReport> {
  const { out } = options;
  const place = join(held.root, 'run');
  try {
    clear(held.root);
    makeDirectory(place);
    const parts = await writeFiles(place, held, options);
    const usage = await sealRun(place, options);
    const ended = usage.records.extracted + usage.records.rejected;
    const { rows } = options.plan.end;
    if (ended !== rows)
      throw new GleanerError(
        'merge-refused',
        `Cannot merge into ${out}: of ${rows} rows ${ended} would be left, since parts ended rows with one id as if each were the first; plan the input anew, into another directory`,
      );
    await options.check?.({ usage, parts, place });
    await breathe(options.signal);
    held.demandOurs();
    renameSync(place, out);
    return usage;
  } catch (error) {
    if (held.lost === undefined) clear(held.root);
    throw systemCode(error) === undefined || error instanceof GleanerError
      ? error
      : new StoreError('write', out, error);
  }
}

/** The report of a merge of the same parts that stands there. */
function earlierMerge(out: string, state: string): UsageReport | undefined {
  if (!existsSync(out) || readdirSync(out).length === 0) return undefined;
  const manifest = readManifest(join(out, fileNames.manifest));
  if (manifest?.settings['mergedState'] === state) {
    return JSON.parse(readFileSync(join(out, fileNames.usage), 'utf8')) as UsageReport;
  }
  const what = manifest === undefined ? 'files' : 'a run, or parts merged in another state,';
  throw new GleanerError('merge-refused', `Cannot merge into ${out}: there are ${what} in it already`, {
    facts: { advice: 'out' },
  });
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new StoreError('create', path, error);
  }
}

/** What a merge left that was killed. The lock is that of this one. */
function clear(workshop: string): void {
  for (const name of readdirSync(workshop)) {
    if (!name.startsWith(fileNames.lock)) rmSync(join(workshop, name), { recursive: true, force: true });
  }
}

/** Leaves it to whoever waits for it. */
function removeEmpty(workshop: string): void {
  try {
    rmdirSync(workshop);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? ''))
      throw new StoreError('remove', workshop, error);
  }
}

async function writeFiles(place: string, held: HeldDirectory, options: MergeOptions): Promise<MergedPart[]> {
  const merge = new Merge(place, options);
  try {
    for (const chunk of options.plan.chunks()) {
      await merge.takeChunk(chunk);
      await breathe(options.signal);
      held.demandOursAfterPause();
    }
    for await (const part of options.ledgersOnly ?? []) {
      merge.takeLedger(part);
      await breathe(options.signal);
    }
    return merge.finish();
  } catch (error) {
    merge.abandon();
    throw error;
  }
}

/** The lock's beat and the queue's lease have to get their turn. */
async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

class Merge {
  readonly #place: string;
  readonly #options: MergeOptions;
  readonly #windowBytes: number;
  readonly #results: LineFile;
  readonly #rejects: LineFile;
  readonly #ledger: LineFile;
  readonly #manifest: MergedManifest;
  readonly #open = new Map<string, OpenedPart>();
  readonly #merged: MergedPart[] = [];
  #nextCall = 1;

  constructor(place: string, options: MergeOptions) {
    this.#place = place;
    this.#options = options;
    const share = Math.floor(WINDOWS_BYTES / (2 * (options.partCount ?? 1)));
    this.#windowBytes = Math.min(MOST_WINDOW_BYTES, Math.max(LEAST_WINDOW_BYTES, share));
    this.#manifest = new MergedManifest(options);
    this.#results = new LineFile(join(place, fileNames.results));
    this.#rejects = new LineFile(join(place, fileNames.rejects));
    this.#ledger = new LineFile(join(place, fileNames.attempts));
  }

  async takeChunk(chunk: PlanChunk): Promise<void> {
    const wanted = await this.#options.partsOf(chunk);
    const again = wanted.find(({ directory }, at) => wanted.findIndex((one) => one.directory === directory) < at);
    if (again !== undefined) throw this.#refuse(`${again.directory} is named twice for chunk ${chunk.chunk}`);
    const parts = wanted.map((part) => this.#open.get(part.directory) ?? this.#begin(part));
    const missing: number[] = [];
    for (let index = chunk.index; index < chunk.index + chunk.rows; index += 1) {
      const ends: string[] = [];
      for (const part of parts) {
        for (const { kind, line } of part.take(index)) {
          if (ends.push(part.part.directory) === 1) (kind === 'results' ? this.#results : this.#rejects).write(line);
        }
      }
      if (ends.length > 1) throw this.#refuse(`row ${index + 1} has an end ${ends.length} times, in ${named(ends)}`);
      if (ends.length === 0) missing.push(index + 1);
    }
    if (missing.length > 0) {
      const directories = wanted.map(({ directory }) => directory);
      const where = directories.length === 0 ? 'there is no part with it' : `looked in ${named(directories)}`;
      throw this.#refuse(
        `${missing.length === 1 ? 'row' : `${missing.length} rows, among them row`} ${missing[0]} of chunk ${chunk.chunk} ${missing.length === 1 ? 'has' : 'have'} no end; ${where}`,
      );
    }
    if (!this.#options.spansChunks) this.#closeParts();
  }

  /** Enters the calls of a part that has no row that counts. */
  takeLedger(part: MergePart): void {
    this.#begin({ ...part, lengths: { ...part.lengths, results: 0, rejects: 0 } });
    this.#closeParts();
  }

  finish(): MergedPart[] {
    this.#closeParts();
    for (const file of [this.#results, this.#rejects, this.#ledger]) file.close();
    writeManifest(join(this.#place, fileNames.manifest), this.#manifest.manifest());
    return this.#merged;
  }

  abandon(): void {
    for (const part of this.#open.values()) part.close({ isComplete: false });
    for (const file of [this.#results, this.#rejects, this.#ledger]) {
      try {
        file.close();
      } catch {
        // What hindered the merge is the error to report.
      }
    }
  }

  #begin(part: MergePart): OpenedPart {
    const opened = new OpenedPart(part, this.#windowBytes);
    this.#open.set(part.directory, opened);
    this.#manifest.add(part.directory, opened.manifest);
    this.#nextCall = mergeLedger(opened, this.#ledger, this.#nextCall);
    copyRest(opened, this.#place);
    this.#merged.push(opened.merged);
    return opened;
  }

  #closeParts(): void {
    for (const [directory, part] of this.#open) {
      this.#open.delete(directory);
      part.close();
    }
  }

  #refuse(problem: string): GleanerError {
    return new GleanerError('merge-refused', `Cannot merge into ${this.#options.out}: ${problem}`);
  }
}

function named(directories: readonly string[]): string {
  const different = [...new Set(directories)];
  const rest = different.length - MOST_NAMED;
  return different.slice(0, MOST_NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
