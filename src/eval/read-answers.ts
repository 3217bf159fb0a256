import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Evidence, EvidenceEntry } from '../evidence/evidence.ts';
import { readPlacedJsonLines } from '../files/read-json-lines.ts';
import { describeSystemError } from '../files/system-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { fileNames } from '../store/run-directory.ts';

/**
 * Yields the answers of a run directory, or of a file like its results.jsonl, one at a time; `entry` is the whole line.
 *
 * @throws {GleanerError} when there is none, or a line is no result
 */
export function* readAnswers(results: string): Generator<{ id: string; data: JsonObject; entry: JsonObject }> {
  const path = resultsFile(results);
  let line = 0;
  for (const value of linesOf(path, path === results)) {
    line += 1;
    const { id, data } = value;
    if ((typeof id !== 'string' && typeof id !== 'number') || !isJsonObject(data)) {
      throw new GleanerError(
        'run-unreadable',
        `Cannot evaluate ${path}: line ${line} is no result, which has "id" and "data"; name a run directory or its results.jsonl`,
      );
    }
    yield { id: String(id), data, entry: value };
  }
}

/** A file that somebody names may be any; what stands in a run directory is ours. */
function* linesOf(path: string, isNamed: boolean): Generator<JsonObject> {
  let hasDamage = false;
  const onDamage = (): void => void (hasDamage = true);
  for (const { value } of readPlacedJsonLines(path, isNamed ? onDamage : undefined)) {
    if (hasDamage) break;
    yield value;
  }
  if (!hasDamage) return;
  throw new GleanerError(
    'run-unreadable',
    `Cannot evaluate ${path}: not all of its lines are JSON objects; name a run directory or its results.jsonl`,
  );
}

function resultsFile(path: string): string {
  try {
    const file = statSync(path).isDirectory() ? join(path, fileNames.results) : path;
    // Where a run has ended no record yet, it is there and empty.
    statSync(file);
    return file;
  } catch (error) {
    throw new GleanerError('run-unreadable', `Cannot read the results ${path}: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
}

/**
 * The evidence of the records that are asked for, where the run has an evidence.jsonl; undefined where it has none.
 *
 * @throws {GleanerError} naming the line that is no evidence
 */
export function readEvidence(
  results: string,
  wanted: { has(id: string): boolean },
): ReadonlyMap<string, readonly Evidence[]> | undefined {
  const path = join(results, fileNames.evidence);
  if (!existsSync(path)) return undefined;
  const found = new Map<string, readonly Evidence[]>();
  let line = 0;
  const refuse = (at: number): never => {
    throw new GleanerError(
      'run-unreadable',
      `Cannot evaluate ${results}: line ${at} of ${path} is no evidence of a result; make the file again with gleaner evidence ${results}, or remove it and do without`,
    );
  };
  for (const { value } of readPlacedJsonLines(path, () => refuse(line + 1))) {
    line += 1;
    if (!isEvidenceEntry(value)) refuse(line);
    const { id, evidence } = value as unknown as EvidenceEntry;
    if (wanted.has(id)) found.set(id, evidence);
  }
  return found;
}

function isEvidenceEntry({ id, evidence }: JsonObject): boolean {
  const isOne = (one: JsonValue): boolean =>
    isJsonObject(one) && typeof one['path'] === 'string' && typeof one['match'] === 'string';
  return typeof id === 'string' && Array.isArray(evidence) && evidence.every((one: JsonValue) => isOne(one));
}
