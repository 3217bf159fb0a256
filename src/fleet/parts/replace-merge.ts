import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { UsageReport } from '../../accounting/usage-report.ts';
import { StoreError } from '../../files/store-error.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { HeldDirectory } from '../../store/held-directory.ts';
import { readManifest, type Manifest } from '../../store/manifest.ts';
import { fileNames } from '../../store/run-directory.ts';
import type { PartStore } from './part-store.ts';

/** What a merge of this state of the parts is made with: `place` is where it is made, before it has its name. */
type Merge = (out: string, onMade: (place: string) => Promise<void>) => Promise<UsageReport>;

/**
 * Merges, or merges again: calls of a worker that was frozen while the run was merged were paid, and belong into its ledger. A merged run that
 * somebody has gone on with, by a retry or by labels, is theirs, and left as it is.
 *
 * @throws {GleanerError} where something else stands in `out`, or somebody is at work on it
 */
export async function replaceMerge(
  { store, out: given }: { store: PartStore; out: string },
  state: string,
  merge: Merge,
): Promise<UsageReport> {
  const out = existsSync(given) ? realpathSync(given) : given;
  const note = async (place: string): Promise<void> => void (await store.create(noteName(state), digestOf(place)));
  const [anew, old] = [`${out}.anew`, `${out}.replaced`];
  const earlier = await demandOwnMerge(store, out);
  if (earlier === undefined || earlier === state) {
    const usage = await merge(out, note);
    if (earlier === undefined) removeAll(anew, old);
    return usage;
  }
  const held = await HeldDirectory.take(out, { lockName: fileNames.lock });
  try {
    if (!(await isAsMerged(store, out, earlier))) return usageOf(out);
    removeAll(anew, old);
    const usage = await merge(anew, note);
    held.demandOurs();
    // Reviewers write down what they say without the lock.
    if (!(await isAsMerged(store, out, earlier))) return usageOf(out);
    swap(out, { anew, old });
    return usage;
  } finally {
    // Of a holder that was robbed nothing here is its own any more.
    if (held.lost === undefined) removeAll(anew, old);
    held.release();
  }
}

/**
 * The state that the merged run in a place was made of; undefined where nothing stands there.
 *
 * @throws {GleanerError} where something stands there that was not merged of these parts
 */
export async function demandOwnMerge(
  store: Pick<PartStore, 'read'>,
  out: string,
  task?: string,
): Promise<string | undefined> {
  if (!existsSync(out) || readdirSync(out).length === 0) return undefined;
  return demandOwn(store, { out, manifest: readManifest(join(out, fileNames.manifest)), task });
}

/** As `demandOwnMerge`, where files stand in a place, with its manifest; undefined where they have none. */
export async function demandOwn(
  store: Pick<PartStore, 'read'>,
  { out, manifest, task = 'merge' }: { out: string; manifest: Manifest | undefined; task?: string | undefined },
): Promise<string> {
  const state = manifest?.settings['mergedState'];
  if (typeof state === 'string' && (await store.read(noteName(state))) !== undefined) return state;
  throw new GleanerError(
    'merge-refused',
    `Cannot ${task} into ${out}: ${manifest === undefined ? 'there are files' : 'another run stands'} in it already`,
    { facts: { advice: 'out' } },
  );
}

async function isAsMerged(store: PartStore, out: string, state: string): Promise<boolean> {
  return (await store.read(noteName(state))) === digestOf(out) && !existsSync(join(out, fileNames.labels));
}

function usageOf(out: string): UsageReport {
  return JSON.parse(readFileSync(join(out, fileNames.usage), 'utf8')) as UsageReport;
}

function swap(out: string, { anew, old }: { anew: string; old: string }): void {
  try {
    renameSync(out, old);
    try {
      renameSync(anew, out);
    } catch (error) {
      renameSync(old, out);
      throw error;
    }
  } catch (error) {
    throw new StoreError('replace', out, error);
  }
}

function removeAll(...paths: readonly string[]): void {
  for (const path of paths) rmSync(path, { recursive: true, force: true });
}

function noteName(state: string): string {
  return `merged-${state}.json`;
}

/** Of the manifest, which whoever goes on with a run changes. */
function digestOf(out: string): string {
  return createHash('sha256')
    .update(readFileSync(join(out, fileNames.manifest)))
    .digest('hex');
}
