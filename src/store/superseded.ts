import { existsSync, openSync, readdirSync, readSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RejectEntry, ResultEntry } from './entries.ts';
import { HashedIdSet } from './hashed-id-set.ts';
import { readPlacedJsonLines } from '../files/read-json-lines.ts';
import { StoreError } from '../files/store-error.ts';
import { closeRead } from '../files/close-read.ts';

/** Results and rejects of an earlier state of the input or the definition: `superseded-1.results.jsonl` and so on. */
const NAME_PATTERN = /^superseded-(\d+)\.(results|rejects)\.jsonl$/;

/** Whether a file of a run directory holds what was set aside. */
export function isSupersededName(name: string): boolean {
  return NAME_PATTERN.test(name);
}

/** Whether the directory holds what was set aside. */
export function hasSuperseded(directory: string): boolean {
  return readdirSync(directory).some(isSupersededName);
}

/**
 * Sets results and rejects aside, so that the run can begin anew and take over what has not changed. The files stay: whatever
 * happens, the next session finds them.
 */
export function supersede(directory: string): void {
  const numbers = readdirSync(directory).map((name) => Number(NAME_PATTERN.exec(name)?.[1] ?? 0));
  const next = Math.max(0, ...numbers) + 1;
  // They speak of results that are no longer there, and are made again. Without figures nothing is missed, whenever this is cut short.
  for (const name of ['evidence.jsonl', 'usage.json']) rmSync(join(directory, name), { force: true });
  for (const kind of ['results', 'rejects'] as const) {
    const path = join(directory, `${kind}.jsonl`);
    try {
      if (existsSync(path)) renameSync(path, join(directory, `superseded-${next}.${kind}.jsonl`));
    } catch (error) {
      throw new StoreError('set aside', path, error);
    }
  }
}

/** The files with what was set aside, the latest first: of two ends of the same record, the later one holds. */
function setAside(directory: string): string[] {
  return readdirSync(directory)
    .map((name) => ({ name, match: NAME_PATTERN.exec(name) }))
    .filter(({ match }) => match !== null)
    .sort((left, right) => Number(right.match?.[1]) - Number(left.match?.[1]))
    .map(({ name }) => name);
}

export type SupersededEntry = { kind: 'result'; entry: ResultEntry } | { kind: 'reject'; entry: RejectEntry };

/** Looks up, by fingerprint, how records ended before: some 30 bytes of memory for each, the lines stay on the disk. */
export class Superseded {
  readonly #fingerprints = new HashedIdSet();
  readonly #files: { fd: number; path: string; kind: 'result' | 'reject' }[] = [];
  /** By ordinal of the fingerprint: file, offset and length. */
  #places = new Float64Array(3 * 1024);

  /** Undefined where nothing was ever set aside. */
  static open(directory: string): Superseded | undefined {
    const names = setAside(directory);
    if (names.length === 0) return undefined;
    const superseded = new Superseded();
    for (const name of names) superseded.#add(join(directory, name));
    return superseded;
  }

  /** As if all that the directory holds had been set aside just now; nothing is moved, and a run may be at work there. */
  static foresee(directory: string): Superseded {
    const superseded = new Superseded();
    for (const name of ['results.jsonl', 'rejects.jsonl', ...setAside(directory)]) {
      const path = join(directory, name);
      // A last line may be on its way to the disk.
      if (existsSync(path)) superseded.#add(path, () => undefined);
    }
    return superseded;
  }

  find(fingerprint: string): SupersededEntry | undefined {
    const ordinal = this.#fingerprints.ordinalOf(fingerprint);
    if (ordinal === undefined) return undefined;
    const [file = 0, offset = 0, length = 0] = this.#places.subarray(ordinal * 3, ordinal * 3 + 3);
    const { fd, path, kind } = this.#files[file] ?? {};
    if (fd === undefined || path === undefined || kind === undefined) return undefined;
    const line = Buffer.allocUnsafe(length);
    try {
      readSync(fd, line, 0, length, offset);
    } catch (error) {
      throw new StoreError('read', path, error);
    }
    const entry: unknown = JSON.parse(line.toString('utf8'));
    return kind === 'result' ? { kind, entry: entry as ResultEntry } : { kind, entry: entry as RejectEntry };
  }

  close(): void {
    for (const { fd } of this.#files.splice(0)) closeRead(fd);
  }

  #add(path: string, onDamage?: () => void): void {
    const file = this.#files.length;
    const kind = path.endsWith('results.jsonl') ? 'result' : 'reject';
    for (const { value, offset, length } of readPlacedJsonLines(path, onDamage)) {
      const { fingerprint } = value;
      // A row that could not be read has none: it is simply read again.
      if (typeof fingerprint !== 'string' || !this.#fingerprints.add(fingerprint)) continue;
      const at = (this.#fingerprints.size - 1) * 3;
      if (at === this.#places.length) {
        const places = new Float64Array(this.#places.length * 2);
        places.set(this.#places);
        this.#places = places;
      }
      this.#places.set([file, offset, length], at);
    }
    this.#files.push({ fd: openSync(path, 'r'), path, kind });
  }
}
