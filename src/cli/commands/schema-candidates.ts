import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { readAcceptances } from '../../evolution/check/accept-record.ts';
import type { CheckCandidate, UnloadedDefinition } from '../../evolution/check/check.ts';
import { snapshotOf } from '../../evolution/check/snapshot-of.ts';
import {
  namesIn,
  readSnapshots,
  readText,
  snapshotNumbers,
  SNAPSHOTS_DIRECTORY,
} from '../../evolution/check/snapshot-folder.ts';
import type { CompatibilityMode } from '../../extraction/definition.ts';
import { loadDefinition, loadDefinitionsBelow, type LoadedDefinition } from '../../extraction/load-definition.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { candidateFlags } from '../settings/flags/schema-flags.ts';
import type { Settings } from '../settings/settings.ts';

/** The folder of the snapshots, relative to the working directory. */
export function snapshotsFolder(settings: Settings<typeof candidateFlags>): string {
  return settings.text('snapshots') ?? SNAPSHOTS_DIRECTORY;
}

/** A definition to check, and the folder of its snapshots, relative to the working directory. */
export interface Candidate extends CheckCandidate {
  readonly folder: string;
}

export interface Candidates {
  readonly candidates: readonly Candidate[];
  /** What cannot be checked, each with what was thrown. */
  readonly unloaded: readonly (UnloadedDefinition & { readonly error: GleanerError })[];
}

/**
 * Loads the definitions that a command names, or all below schemas/, with their snapshots and acceptances. One that cannot be
 * loaded does not keep the others from being checked.
 */
export async function loadCandidates(
  references: readonly string[],
  settings: Settings<typeof candidateFlags>,
  mode?: CompatibilityMode,
): Promise<Candidates> {
  const unloaded: (UnloadedDefinition & { error: GleanerError })[] = [];
  function putAside(path: string, error: unknown): void {
    if (!(error instanceof GleanerError)) throw error;
    const reference = relative(process.cwd(), path);
    unloaded.push({ reference, file: fromRepositoryRoot(path), message: error.message, error });
  }
  const loaded: LoadedDefinition[] = [];
  for (const reference of references) {
    try {
      loaded.push(await loadDefinition(reference));
    } catch (error) {
      putAside(resolve(reference), error);
    }
  }
  if (references.length === 0) loaded.push(...(await loadDefinitionsBelow('schemas', { onError: putAside })));
  const byName = new Map<string, Candidate>();
  for (const definition of loaded) {
    try {
      const candidate = await toCandidate(definition, settings, mode);
      const { name } = candidate.content;
      const other = byName.get(name);
      if (other !== undefined && other.reference !== candidate.reference) throw sameName(other, candidate);
      byName.set(name, candidate);
    } catch (error) {
      putAside(definition.path, error);
    }
  }
  return { candidates: [...byName.values()], unloaded };
}

function sameName(other: Candidate, candidate: Candidate): GleanerError {
  const { content, reference } = candidate;
  return new GleanerError(
    'definition-not-found',
    `Cannot tell two definitions apart: ${other.reference} and ${reference} are both named ${content.name}, and snapshots go by name`,
  );
}

/** The refusal of a command for which there is nothing to do. */
export function nothingFound({ unloaded: [first] }: Candidates): GleanerError {
  if (first !== undefined) return first.error;
  return new GleanerError(
    'definition-not-found',
    'Cannot find a definition: no module below schemas/ exports one; name its file',
  );
}

/** `locked` and acceptances belong to a place where snapshots are kept. */
async function toCandidate(
  definition: LoadedDefinition,
  settings: Settings<typeof candidateFlags>,
  mode: CompatibilityMode | undefined,
): Promise<Candidate> {
  const { extraction, path } = definition;
  const folder = join(await snapshotsRootOf(path, extraction.name, settings), extraction.name);
  const [locked] = await readSnapshots(folder, 'latest');
  return {
    content: await snapshotOf(extraction),
    reference: referenceOf(definition),
    file: fromRepositoryRoot(path),
    source: await readText(path),
    mode: mode ?? extraction.compatibility ?? 'backward',
    isModeGiven: mode !== undefined,
    acceptances: await readAcceptances(folder),
    locked,
    folder,
  };
}

/**
 * The folder that holds a definition's folder of snapshots: the one below the working directory where they lie there, else the
 * one beside the definition, as in a package of a monorepo.
 */
async function snapshotsRootOf(path: string, name: string, settings: Settings<typeof candidateFlags>): Promise<string> {
  const given = settings.text('snapshots');
  if (given !== undefined) return given;
  const isHere = snapshotNumbers(await namesIn(join(SNAPSHOTS_DIRECTORY, name))).length > 0;
  return isHere ? SNAPSHOTS_DIRECTORY : (rootBeside(path) ?? SNAPSHOTS_DIRECTORY);
}

/** `schemas/snapshots` of the folder `schemas` that a definition lies in. */
function rootBeside(path: string): string | undefined {
  const steps = dirname(path).split(sep);
  const at = steps.lastIndexOf('schemas');
  return at === -1 ? undefined : relative(process.cwd(), join(steps.slice(0, at + 1).join(sep), 'snapshots'));
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
