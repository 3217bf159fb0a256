import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { PriceRowInput } from '../../accounting/price-file.ts';
import type { UsageReport } from '../../accounting/usage-report.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { AcceptanceLimits } from '../../run/session/exit-code.ts';
import { fileNames } from '../../store/run-directory.ts';
import type { MergedPart, MergePart } from '../merge/merge-part.ts';
import { mergeParts } from '../merge/merge-parts.ts';
import type { Plan } from '../plan/plan.ts';
import { digestPrefix } from './digest-prefix.ts';
import { readDone, type DoneNote } from './notes.ts';
import { parsePartName, partName } from './part-names.ts';
import type { PartStore } from './part-store.ts';
import { replaceMerge } from './replace-merge.ts';

export interface MergeRunOptions {
  store: PartStore;
  plan: Plan;
  /** The run directory that is made. */
  out: string;
  limits: AcceptanceLimits;
  prices?: readonly PriceRowInput[] | undefined;
  settings?: { readonly [name: string]: string | number | boolean | null };
  /** Aborts to give the merge up, as when it is another worker's by now. */
  signal?: AbortSignal | undefined;
}

/** All attempts at the chunks of a run, as they stand at one moment. */
export interface AttemptsFound {
  /** Numbers of the attempts that have begun, by chunk. */
  attempts: ReadonlyMap<number, readonly number[]>;
  /** Tells this state from one in which more was written. */
  state: string;
}

const BEGUN = /^(parts\/\d+\.a\d+)\/begin\.json$/;

/** Looks at what there is of a run. */
async function findAttempts(store: PartStore, run: string): Promise<AttemptsFound> {
  const attempts = new Map<number, number[]>();
  const states: string[] = [];
  for await (const name of store.list('parts/')) {
    const part = BEGUN.exec(name)?.[1];
    const parsed = part === undefined ? undefined : parsePartName(part);
    if (part === undefined || parsed === undefined) continue;
    const known = attempts.get(parsed.chunk);
    if (known === undefined) attempts.set(parsed.chunk, [parsed.attempt]);
    else known.push(parsed.attempt);
    const { attempts: ledger } = await store.lengthsOf(part);
    states.push(`${part} ${ledger}`);
  }
  return { attempts, state: hash('sha256', [run, ...states.sort()].join('\n')).slice(0, 16) };
}

/**
 * Makes one run directory of the parts of a run whose chunks have all ended. Of each chunk counts what its note names; all other attempts
 * give their ledgers only: what was asked in them was paid.
 *
 * @throws {GleanerError} where a chunk has not ended, or the parts do not hold what their notes say
 */
export async function mergeRun(options: MergeRunOptions): Promise<UsageReport> {
  const found = await findAttempts(options.store, options.plan.digest + String(options.settings?.['fleet']));
  return replaceMerge(options, found.state, (out, onMade) => mergeFound({ ...options, out }, found, onMade));
}

async function mergeFound(
  { store, plan, ...options }: MergeRunOptions,
  found: AttemptsFound,
  onMade: (place: string) => Promise<void>,
): Promise<UsageReport> {
  const notes = new Map<string, DoneNote>();
  const outside: string[] = [];
  return mergeParts({
    ...options,
    plan,
    spansChunks: false,
    state: found.state,
    partsOf: async ({ chunk }) => {
      const note = await readDone(store, chunk);
      if (note === undefined) throw new GleanerError('merge-refused', `Cannot merge chunk ${chunk}: it has not ended`);
      const counted = [...note.includes, { attempt: note.attempt, lengths: note.lengths }];
      for (const attempt of found.attempts.get(chunk) ?? []) {
        if (!counted.some((one) => one.attempt === attempt)) outside.push(partName(chunk, attempt));
      }
      const parts: MergePart[] = [];
      for (const { attempt, lengths } of counted) {
        const part = partName(chunk, attempt);
        const directory = await store.fetchPart(part, await store.lengthsOf(part));
        // What was written behind these prefixes is outside; its calls are in the ledger, which counts as a whole.
        parts.push({ directory, lengths: { results: lengths.results, rejects: lengths.rejects } });
        if (attempt === note.attempt) {
          refuseOther(directory, note);
          notes.set(directory, note);
        }
      }
      return parts;
    },
    ledgersOnly: ledgersOf(store, outside),
    check: ({ parts, place }) => {
      reconcile(parts, notes);
      return onMade(place);
    },
  });
}

/** Read once all chunks have been: only then is it known what is outside. */
async function* ledgersOf(store: PartStore, parts: readonly string[]): AsyncGenerator<MergePart> {
  for (const part of parts) yield { directory: await store.fetchPart(part, await store.lengthsOf(part)) };
}

/** @throws {GleanerError} where the files of a part are not those that its note was written of */
function refuseOther(directory: string, { chunk, lengths, sha256 }: DoneNote): void {
  for (const file of ['results', 'rejects'] as const) {
    if (digestPrefix(join(directory, fileNames[file]), lengths[file]) === sha256[file]) continue;
    throw new GleanerError(
      'merge-refused',
      `Cannot merge ${directory}: ${fileNames[file]} is not what it was when chunk ${chunk} ended; restore the file`,
    );
  }
}

/** What each chunk's note says of its last attempt must be what is in the merged run. */
function reconcile(parts: readonly MergedPart[], notes: ReadonlyMap<string, DoneNote>): void {
  for (const part of parts) {
    const note = notes.get(part.directory);
    if (note === undefined) continue;
    const figures = [
      ['results', note.extracted, part.results],
      ['rejects', note.rejected, part.rejects],
      ['calls', note.calls, part.calls],
      ['tokens', note.tokens, part.tokens],
    ] as const;
    for (const [what, said, is] of figures) {
      if (said === is) continue;
      throw new GleanerError(
        'merge-refused',
        `Cannot merge ${part.directory}: the note of chunk ${note.chunk} says ${said} ${what}, and its files hold ${is}`,
      );
    }
  }
}
