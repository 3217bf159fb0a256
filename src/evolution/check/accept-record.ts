import { join } from 'node:path';
import { isSameJson } from '../../json/same-json.ts';
import { isJsonObject, type JsonValue } from '../../json/value.ts';
import type { CompatibilityMode } from '../../extraction/definition.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { ChangeDirection } from '../changes/change-rules.ts';
import type { ReaderModel } from '../engine/reader-model.ts';
import type { UnseenChange, UnseenCheck } from './check-unseen.ts';
import { isUnseenCheck } from './snapshot.ts';
import { namesIn, parseJson, readText, writeCommitted } from './snapshot-folder.ts';

/** Stands for the schema of a definition that is gone. */
export const REMOVED = 'removed';

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
  /** Changes of refinements and transforms that were accepted, where `--unseen fail` refuses them. */
  readonly unseen?: readonly (UnseenCheck & Partial<UnseenChange>)[];
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
    reader?: ReaderModel | undefined;
    weakened?: WeakenedMode | undefined;
    unseen?: readonly UnseenChange[];
  },
): boolean {
  const { unseen = [] } = pair;
  return (
    acceptance.oldHash === pair.oldHash &&
    acceptance.newHash === pair.newHash &&
    (acceptance.oldNumber === undefined || acceptance.oldNumber === pair.number) &&
    (acceptance.reader ?? 'validator') === (pair.reader ?? 'validator') &&
    pair.directions.every((direction) => acceptance.directions.includes(direction)) &&
    (pair.weakened === undefined || isSameJson(acceptance.weakened, { ...pair.weakened })) &&
    unseen.every((change) => acceptance.unseen?.some((accepted) => isAccepted(accepted, change)))
  );
}

/** Older files tell neither what a check was made of nor what became of it. */
function isAccepted(
  accepted: UnseenCheck & Partial<UnseenChange>,
  { path, kind, digest, change }: UnseenChange,
): boolean {
  return (
    accepted.path === path &&
    accepted.kind === kind &&
    (accepted.digest === undefined || accepted.digest === digest) &&
    (accepted.change ?? 'new') === change
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
  const { gleaner, name, date, reason, directions, rules, fingerprints, weakened, unseen, witness } = acceptance;
  const pair = { oldHash, newHash, oldNumber, reader, directions, weakened, unseen };
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
  const unseen: UnseenCheck[] = Array.isArray(value['unseen']) ? value['unseen'].filter(isUnseenCheck) : [];
  const coversNothing = directions.length === 0 && !isJsonObject(weakened) && unseen.length === 0;
  if (coversNothing && newHash !== REMOVED) return undefined;
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
    ...(unseen.length > 0 ? { unseen } : {}),
  };
}

function texts(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item: unknown) => typeof item === 'string') : [];
}
