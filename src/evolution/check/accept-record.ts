import { join } from 'node:path';
import { isJsonObject, type JsonValue } from '../../json/value.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { ChangeDirection } from '../changes/change-rules.ts';
import { namesIn, parseJson, readText, writeCommitted } from './snapshot-folder.ts';

/**
 * A committed decision to break: it holds between exactly two schemas. Once either of them is another, it is stale.
 * Who decided stands in the history of the repository.
 */
export interface Acceptance {
  readonly name: string;
  readonly oldHash: string;
  readonly newHash: string;
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
}

export interface StoredAcceptance extends Acceptance {
  readonly path: string;
}

/** Whether the acceptance covers these failing directions between these two schemas. */
export function covers(
  acceptance: Acceptance,
  pair: { oldHash: string; newHash: string; directions: readonly ChangeDirection[] },
): boolean {
  return (
    acceptance.oldHash === pair.oldHash &&
    acceptance.newHash === pair.newHash &&
    pair.directions.every((direction) => acceptance.directions.includes(direction))
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
  const { oldHash, newHash } = acceptance;
  const path = join(folder, 'accepted', `${oldHash.slice(0, 12)}-${newHash.slice(0, 12)}.json`);
  const { gleaner, name, date, reason, directions, rules, fingerprints, witness } = acceptance;
  const record = { name, date, gleaner, reason, oldHash, newHash, directions, rules, fingerprints, witness };
  writeCommitted(path, `${JSON.stringify(record, null, 2)}\n`);
  return path;
}

function parseAcceptance(value: JsonValue): Acceptance | undefined {
  if (!isJsonObject(value)) return undefined;
  const { name, oldHash, newHash, reason, witness } = value;
  if (typeof name !== 'string' || typeof oldHash !== 'string' || typeof newHash !== 'string') return undefined;
  if (typeof reason !== 'string' || reason.trim() === '') return undefined;
  const directions = (['backward', 'forward'] as const).filter((direction) =>
    texts(value['directions']).includes(direction),
  );
  if (directions.length === 0) return undefined;
  return {
    name,
    oldHash,
    newHash,
    reason,
    directions,
    rules: texts(value['rules']),
    fingerprints: texts(value['fingerprints']),
    date: typeof value['date'] === 'string' ? value['date'] : '',
    gleaner: typeof value['gleaner'] === 'string' ? value['gleaner'] : '',
    ...(witness === undefined ? {} : { witness }),
  };
}

function texts(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item: unknown) => typeof item === 'string') : [];
}
