import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { readAcceptances } from '../../evolution/check/accept-record.ts';
import type { CheckCandidate } from '../../evolution/check/check.ts';
import { snapshotOf } from '../../evolution/check/snapshot-of.ts';
import { readSnapshots, SNAPSHOTS_DIRECTORY } from '../../evolution/check/snapshot-folder.ts';
import type { CompatibilityMode } from '../../extraction/definition.ts';
import { loadDefinition, loadDefinitionsBelow, type LoadedDefinition } from '../../extraction/load-definition.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { Settings } from '../settings/settings.ts';

/** The folder of the snapshots, relative to the working directory. */
export function snapshotsFolder(settings: Settings): string {
  return settings.text('snapshots') ?? SNAPSHOTS_DIRECTORY;
}

/** Loads the definitions that a command names, or all below schemas/, with their snapshots and acceptances. */
export async function loadCandidates(references: readonly string[], settings: Settings): Promise<CheckCandidate[]> {
  const loaded: LoadedDefinition[] = [];
  for (const reference of references) loaded.push(await loadDefinition(reference));
  if (references.length === 0) loaded.push(...(await loadDefinitionsBelow('schemas')));
  if (loaded.length === 0) {
    throw new GleanerError(
      'definition-not-found',
      'Cannot find a definition: no module below schemas/ exports one; name its file',
    );
  }
  const byName = new Map<string, CheckCandidate>();
  for (const definition of loaded) {
    const candidate = await toCandidate(definition, settings);
    const { name } = candidate.content;
    const other = byName.get(name);
    if (other !== undefined && other.reference !== candidate.reference) {
      throw new GleanerError(
        'definition-not-found',
        `Cannot tell two definitions apart: ${other.reference} and ${candidate.reference} are both named ${name}, and snapshots go by name`,
      );
    }
    byName.set(name, candidate);
  }
  return [...byName.values()];
}

/** `locked` and acceptances belong to a place where snapshots are kept. */
async function toCandidate(definition: LoadedDefinition, settings: Settings): Promise<CheckCandidate> {
  const { extraction, path } = definition;
  const folder = join(snapshotsFolder(settings), extraction.name);
  const [locked] = await readSnapshots(folder, 'latest');
  return {
    content: await snapshotOf(extraction),
    reference: referenceOf(definition),
    file: fromRepositoryRoot(path),
    source: await readFile(path, 'utf8'),
    mode: (settings.text('mode') as CompatibilityMode | undefined) ?? extraction.compatibility ?? 'backward',
    isModeGiven: settings.text('mode') !== undefined,
    acceptances: await readAcceptances(folder),
    locked,
  };
}

/** What names the definition on a command line. */
export function referenceOf({ path, exportName }: LoadedDefinition): string {
  const shown = relative(process.cwd(), path);
  return exportName === 'default' ? shown : `${shown}#${exportName}`;
}

/** Annotations want paths from the repository's root, wherever the command runs. */
export function fromRepositoryRoot(path: string): string {
  let root = dirname(path);
  while (!existsSync(join(root, '.git'))) {
    const parent = dirname(root);
    if (parent === root) return relative(process.cwd(), path).split(sep).join('/');
    root = parent;
  }
  return relative(root, path).split(sep).join('/');
}

export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
