import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { UsageReport } from '../../accounting/usage-report.ts';
import { StoreError } from '../../files/store-error.ts';
import { systemCode } from '../../files/system-error.ts';
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
  { store, out: given, signal }: { store: PartStore; out: string; signal?: AbortSignal | undefined },
  state: string,
  merge: Merge,
): Promise<UsageReport> {
  const out = existsSync(given) ? realpathSync(given) : given;
  const note = async (place: string): Promise<void> => noteMerged(store, state, digestOf(place));
  const anew = `${out}.anew`;
  const earlier = await demandOwnMerge(store, out);
  if (earlier === undefined || earlier === state) {
    const usage = await merge(out, note);
    if (earlier === undefined) remove(anew);
    return usage;
  }
  const held = await HeldDirectory.take(out, { lockName: fileNames.lock });
  try {
    if (!(await isAsMerged(store, out, earlier))) return usageOf(out);
    remove(anew);
    const usage = await merge(anew, note);
    held.demandOurs();
    // Reviewers write down what they say without the lock.
    if (!(await isAsMerged(store, out, earlier))) return usageOf(out);
    putFiles(anew, out, () => {
      signal?.throwIfAborted();
      held.demandOurs();
    });
    return usage;
  } finally {
    // Of a holder that was robbed nothing here is its own any more.
    if (held.lost === undefined) remove(anew);
    held.release();
  }
}

/**
 * The state that the merged run in a place was made of; undefined where nothing stands there.
 *
 * @throws {GleanerError} where something stands there that was not merged of these parts
 */
export async function demandOwnMerge(
  store: Pick<PartStore, 'list'>,
  out: string,
  task?: string,
): Promise<string | undefined> {
  if (!existsSync(out) || readdirSync(out).length === 0) return undefined;
  return demandOwn(store, { out, manifest: readManifest(join(out, fileNames.manifest)), task });
}

/** As `demandOwnMerge`, where files stand in a place, with its manifest; undefined where they have none. */
export async function demandOwn(
  store: Pick<PartStore, 'list'>,
  { out, manifest, task = 'merge' }: { out: string; manifest: Manifest | undefined; task?: string | undefined },
): Promise<string> {
  const state = manifest?.settings['mergedState'];
  if (typeof state === 'string') for await (const _ of store.list(`merged/${state}.`)) return state;
  throw new GleanerError(
    'merge-refused',
    `Cannot ${task} into ${out}: ${manifest === undefined ? 'there are files' : 'another run stands'} in it already`,
    { facts: { advice: 'out' } },
  );
}

async function isAsMerged(store: PartStore, out: string, state: string): Promise<boolean> {
  return !existsSync(join(out, fileNames.labels)) && isNoted(store, state, digestOf(out));
}

/** Whether a manifest is as a merge of this state left it: whoever goes on with a run changes it. */
export async function isNoted(store: Pick<PartStore, 'read'>, state: string, digest: string): Promise<boolean> {
  return (await store.read(noteName(state, digest))) !== undefined;
}

/** Two merges of one state may write other manifests, as by two versions of gleaner. */
async function noteMerged(store: Pick<PartStore, 'create'>, state: string, digest: string): Promise<void> {
  await store.create(noteName(state, digest), '{}\n');
}

function usageOf(out: string): UsageReport {
  return JSON.parse(readFileSync(join(out, fileNames.usage), 'utf8')) as UsageReport;
}

/**
 * Puts the files of a merge in the place of those of an earlier one, run.json last. What else stands there is somebody's, and stays: evidence,
 * exports. A kill in between leaves the earlier state in run.json, so that the next merge does it again.
 */
function putFiles(from: string, to: string, demandOurs: () => void): void {
  const names = readdirSync(from, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name !== fileNames.manifest && statSync(join(from, name)).isFile());
  try {
    for (const name of [...files, fileNames.manifest]) {
      demandOurs();
      mkdirSync(dirname(join(to, name)), { recursive: true });
      renameSync(join(from, name), join(to, name));
    }
  } catch (error) {
    throw systemCode(error) === undefined ? error : new StoreError('replace', to, error);
  }
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

function noteName(state: string, digest: string): string {
  return `merged/${state}.${digest.slice(0, 32)}.json`;
}

function digestOf(out: string): string {
  return digestOfManifest(readFileSync(join(out, fileNames.manifest)));
}

export function digestOfManifest(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
