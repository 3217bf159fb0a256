import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { UsageReport } from '../../accounting/usage-report.ts';
import { StoreError } from '../../files/store-error.ts';
import { readManifest } from '../../store/manifest.ts';
import { fileNames } from '../../store/run-directory.ts';
import type { PartStore } from './part-store.ts';

/**
 * Merges, or merges again: calls of a worker that was frozen while the run was merged were paid, and belong into its ledger. A merged run that
 * somebody has gone on with, by a retry or by labels, is theirs, and left as it is.
 */
export async function replaceMerge(
  { store, out }: { store: PartStore; out: string },
  state: string,
  merge: (out: string) => Promise<UsageReport>,
): Promise<UsageReport> {
  const before = existsSync(out) ? readManifest(join(out, fileNames.manifest)) : undefined;
  const earlier = before?.settings['mergedState'];
  if (before === undefined || earlier === state) {
    const usage = await merge(out);
    await store.create(noteName(state), digestOf(out));
    return usage;
  }
  if ((await store.read(noteName(String(earlier)))) !== digestOf(out) || existsSync(join(out, fileNames.labels))) {
    return JSON.parse(readFileSync(join(out, fileNames.usage), 'utf8')) as UsageReport;
  }
  const [anew, old] = [`${out}.anew`, `${out}.replaced`];
  try {
    for (const leftover of [anew, old]) rmSync(leftover, { recursive: true, force: true });
    const usage = await merge(anew);
    await store.create(noteName(state), digestOf(anew));
    renameSync(out, old);
    renameSync(anew, out);
    rmSync(old, { recursive: true, force: true });
    return usage;
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? new StoreError('replace', out, error) : error;
  }
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
