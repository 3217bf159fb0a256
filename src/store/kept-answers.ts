import { hash } from 'node:crypto';
import { readPlacedJsonLines } from '../files/read-json-lines.ts';
import { writeFileAtomically } from '../files/write-file-atomically.ts';
import type { AnsweredEntry } from './entries.ts';
import { contentKey } from './recover.ts';

type RecordKey = Pick<AnsweredEntry, 'id' | 'fingerprint'>;
type Kept = Required<Pick<AnsweredEntry, 'request' | 'completion'>> & Pick<AnsweredEntry, 'earlyStop'>;

/** Tells one request from another; equal requests have equal keys. */
export function requestKey(request: object): string {
  return hash('sha256', JSON.stringify(request)).slice(0, 32);
}

/**
 * The answers of answered.jsonl whose records are not done: what a session that was killed in the middle of a record has paid for. In
 * memory are those of unfinished records only, which are few.
 */
export class KeptAnswers {
  readonly #byRecord: Map<string, Kept[]>;
  /** What is not to be given now: it was, or it came in this session. */
  #given = new WeakSet<Kept>();
  /** Records of this session with lines in the file that still count. */
  readonly #open = new Set<string>();

  private constructor(byRecord: Map<string, Kept[]>) {
    this.#byRecord = byRecord;
    for (const key of byRecord.keys()) this.#open.add(key);
  }

  /**
   * Reads what is there, and takes lines out that do not count any more.
   *
   * @throws {StoreError} when the file cannot be replaced
   */
  static open(path: string, hasEnded: (contents: string) => boolean): KeptAnswers {
    const byRecord = new Map<string, Kept[]>();
    let lines = 0;
    let live = 0;
    // A kill may have torn the last line; an answer that cannot be read is asked for again.
    for (const { value } of readPlacedJsonLines(path, () => (lines += 1))) {
      const { id, fingerprint, request, completion, earlyStop } = value as unknown as AnsweredEntry;
      lines += 1;
      const key = contentKey(id, fingerprint);
      if (hasEnded(key)) continue;
      const known = byRecord.get(key) ?? [];
      if (request === undefined || completion === undefined) {
        live -= known.length;
        byRecord.delete(key);
        continue;
      }
      known.push({ request, completion, ...(earlyStop === undefined ? {} : { earlyStop }) });
      byRecord.set(key, known);
      live += 1;
    }
    if (live < lines) writeFileAtomically(path, [...liveLines(byRecord)].join(''));
    return new KeptAnswers(byRecord);
  }

  /** An answer to this request of the record; each is given once. */
  take({ id, fingerprint }: RecordKey, request: string): Kept | undefined {
    const kept = this.#byRecord.get(contentKey(id, fingerprint));
    const found = kept?.find((one) => one.request === request && !this.#given.has(one));
    if (found !== undefined) this.#given.add(found);
    return found;
  }

  /** How many answers of a record there are. */
  countOf({ id, fingerprint }: RecordKey): number {
    return this.#byRecord.get(contentKey(id, fingerprint))?.length ?? 0;
  }

  /** Gives all of them again, those of this session included: for work that goes through the records several times. */
  rewind(): void {
    this.#given = new WeakSet();
  }

  /** Told of every line that is added to the file. */
  note({ id, fingerprint, request, completion, earlyStop }: AnsweredEntry): void {
    const key = contentKey(id, fingerprint);
    this.#open.add(key);
    if (request === undefined || completion === undefined) return;
    const kept: Kept = { request, completion, ...(earlyStop === undefined ? {} : { earlyStop }) };
    // The record that it came for has it.
    this.#given.add(kept);
    const known = this.#byRecord.get(key);
    if (known === undefined) this.#byRecord.set(key, [kept]);
    else known.push(kept);
  }

  /**
   * Told of every record that ends; `isLasting` where asking again would be answered the same.
   *
   * @returns what the file has to say of it
   */
  end({ id, fingerprint }: RecordKey, isLasting: boolean): AnsweredEntry | undefined {
    const key = contentKey(id, fingerprint);
    this.#byRecord.delete(key);
    if (!isLasting || !this.#open.delete(key)) return undefined;
    return { id, fingerprint };
  }

  /** Whether no line of the file counts any more. */
  get isSpent(): boolean {
    return this.#open.size === 0;
  }
}

function* liveLines(byRecord: ReadonlyMap<string, readonly Kept[]>): Generator<string> {
  for (const [key, kept] of byRecord) {
    const [fingerprint = ''] = key.split(' ', 1);
    const id = key.slice(fingerprint.length + 1);
    for (const one of kept) yield `${JSON.stringify({ id, fingerprint, ...one })}\n`;
  }
}
