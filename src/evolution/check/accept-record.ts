import { join } from 'node:path';
import { isSameJson } from '../../json/same-json.ts';
import { isJsonObject, type JsonValue } from '../../json/value.ts';
import type { CompatibilityMode } from '../../extraction/definition.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { ChangeDirection } from '../changes/change-rules.ts';
import type { ReaderModel } from '../engine/reader-model.ts';
import { namesIn, parseJson, readText, writeCommitted } from './snapshot-folder.ts';

/**
 * A committed decision to break: it holds between exactly two schemas. Once either of them is another, it is stale.
 * Who decided stands in the history of the repository.
 */
export interface Acceptance {
  readonly name: string;
  readonly oldHash: string;
  readonly newHash: string;
  /** Number of the older snapshot, absent where there was none: the same step, taken again later, is a new break. */
  readonly oldNumber?: number;
  /** For whose reading the break was accepted; absent in older files, which were for a validator. */
  readonly reader?: ReaderModel;
  /** The directions that were not compatible. */
  readonly directions: readonly ChangeDirection[];
  /** Rule ids of the changes, each once, sorted. */
  readonly rules: readonly string[];
  readonly fingerprints: readonly string[];
  readonly reason: string;
  /** YYYY-MM-DD, UTC. */
  readonly date: string;
  /** The gleaner version that wrote it. */
  readonly gleaner: string;
  readonly witness?: JsonValue;
  /** The lowering of the compatibility mode that was accepted. */
  readonly weakened?: WeakenedMode;
}

export interface WeakenedMode {
  readonly from: CompatibilityMode;
  readonly to: CompatibilityMode;
}

export interface StoredAcceptance extends Acceptance {
  readonly path: string;
}

/** Whether the acceptance covers these failing directions between these two schemas. */
export function covers(
  acceptance: Acceptance,
  pair: {
    oldHash: string;
    newHash: string;
    directions: readonly ChangeDirection[];
    /** Of the older snapshot. */
    number?: number | undefined;
    reader?: ReaderModel;
    weakened?: WeakenedMode | undefined;
  },
): boolean {
  return (
    acceptance.oldHash === pair.oldHash &&
    acceptance.newHash === pair.newHash &&
    (acceptance.oldNumber === undefined || acceptance.oldNumber === pair.number) &&
    (acceptance.reader ?? 'validator') === (pair.reader ?? 'validator') &&
    pair.directions.every((direction) => acceptance.directions.includes(direction)) &&
    (pair.weakened === undefined || isSameJson(acceptance.weakened, { ...pair.weakened }))
  );
}

/** The acceptances beside a definition's snapshots, by file name. */
export async function readAcceptances(folder: string): Promise<StoredAcceptance[]> {
  const accepted = join(folder, 'accepted');
  const names = (await namesIn(accepted)).filter((name) => name.endsWith('.json')).sort();
  const acceptances: StoredAcceptance[] = [];
  for (const name of names) {
    const path = join(accepted, name);
    const value = parseJson(await readText(path), path);
    const acceptance = parseAcceptance(value);
    if (acceptance === undefined) {
      throw new GleanerError(
        'baseline-unreadable',
        `Cannot use the acceptance ${path}: name, oldHash, newHash, directions or reason is missing; restore or delete the file`,
      );
    }
    acceptances.push({ ...acceptance, path });
  }
  return acceptances;
}

/** Writes an acceptance beside the snapshots; returns its path. */
export function writeAcceptance(folder: string, acceptance: Acceptance): string {
  const { oldHash, newHash, oldNumber, reader } = acceptance;
  const stem = `${oldHash.slice(0, 12)}-${newHash.slice(0, 12)}${reader === 'zod' ? '-zod' : ''}`;
  const path = join(folder, 'accepted', `${stem}.json`);
  const { gleaner, name, date, reason, directions, rules, fingerprints, weakened, witness } = acceptance;
  const pair = { oldHash, newHash, oldNumber, reader, directions, weakened };
  const record = { name, date, gleaner, reason, ...pair, rules, fingerprints, witness };
  writeCommitted(path, `${JSON.stringify(record, null, 2)}\n`);
  return path;
}

function parseAcceptance(value: JsonValue): Acceptance | undefined {
  if (!isJsonObject(value)) return undefined;
  const { name, oldHash, newHash, oldNumber, reader, reason, witness, weakened } = value;
  if (typeof name !== 'string' || typeof oldHash !== 'string' || typeof newHash !== 'string') return undefined;
  if (typeof reason !== 'string' || reason.trim() === '') return undefined;
  const directions = (['backward', 'forward'] as const).filter((direction) =>
    texts(value['directions']).includes(direction),
  );
  if (directions.length === 0 && !isJsonObject(weakened)) return undefined;
  return {
    name,
    oldHash,
    newHash,
    reason,
    directions,
    ...(typeof oldNumber === 'number' ? { oldNumber } : {}),
    ...(reader === 'zod' || reader === 'validator' ? { reader } : {}),
    rules: texts(value['rules']),
    fingerprints: texts(value['fingerprints']),
    date: typeof value['date'] === 'string' ? value['date'] : '',
    gleaner: typeof value['gleaner'] === 'string' ? value['gleaner'] : '',
    ...(witness === undefined ? {} : { witness }),
    ...(isJsonObject(weakened) ? { weakened: weakened as unknown as WeakenedMode } : {}),
  };
}

function texts(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item: unknown) => typeof item === 'string') : [];
}

/** A committed decision that a definition is gone, and its readers with it. */
export interface Removal {
  readonly name: string;
  /** Absent where nobody has decided. */
  readonly acceptance?: { readonly path: string; readonly reason: string; readonly date: string };
}

const REMOVED = 'removed';

/** What is gone of a baseline, each with the decision that lets it pass; `snapshots` is the folder of all snapshots. */
export async function readRemovals(snapshots: string, names: readonly string[]): Promise<Removal[]> {
  const removals: Removal[] = [];
  for (const name of names) {
    const path = join(snapshots, REMOVED, `${name}.json`);
    const isThere = (await namesIn(join(snapshots, REMOVED))).includes(`${name}.json`);
    const value = isThere ? parseJson(await readText(path), path) : undefined;
    const reason = isJsonObject(value) && value['name'] === name ? value['reason'] : undefined;
    const date = isJsonObject(value) ? value['date'] : undefined;
    const isDecided = typeof reason === 'string' && reason.trim() !== '';
    removals.push(
      isDecided ? { name, acceptance: { path, reason, date: typeof date === 'string' ? date : '' } } : { name },
    );
  }
  return removals;
}

/** Writes down that a definition is gone; returns the file's path. */
export function writeRemoval(
  snapshots: string,
  removal: { name: string; date: string; gleaner: string; reason: string },
): string {
  const path = join(snapshots, REMOVED, `${removal.name}.json`);
  writeCommitted(path, `${JSON.stringify(removal, null, 2)}\n`);
  return path;
}
