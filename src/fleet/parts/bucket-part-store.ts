import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bucket } from '../../cloud-storage/bucket.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { fileNames } from '../../store/run-directory.ts';
import type { OpenPart, PartStore } from './part-store.ts';
import { NO_LENGTHS, type GrowingFile, type PartLengths } from './part-names.ts';
import { ENDED_MANIFEST, parsePieceName, type PieceName } from './piece-name.ts';
import { SavedPart } from './saved-part.ts';

export interface BucketPartStoreOptions {
  bucket: Bucket;
  /** What names in the bucket begin with, without a slash at its end. */
  prefix: string;
  /** Directory of this machine below which runs write. */
  scratch: string;
  /** How often what a run has written goes into the bucket. Default 5 s. */
  saveEveryMs?: number;
}

const SAVE_EVERY_MS = 5000;

/**
 * Parts in a bucket of Cloud Storage, where nothing can be appended to: a run writes on its machine, and what is new of its files goes
 * into the bucket as objects that are never changed, each named by the bytes before it. What a machine takes with it when it is lost is
 * what it wrote since it last did so.
 */
export class BucketPartStore implements PartStore {
  readonly name: string;
  readonly #bucket: Bucket;
  readonly #prefix: string;
  readonly #scratch: string;
  readonly #saveEveryMs: number;
  readonly #folders: string[] = [];

  constructor({ bucket, prefix, scratch, saveEveryMs = SAVE_EVERY_MS }: BucketPartStoreOptions) {
    this.#bucket = bucket;
    this.#prefix = prefix === '' ? '' : `${prefix}/`;
    this.#scratch = scratch;
    this.#saveEveryMs = saveEveryMs;
    this.name = bucket.urlOf(prefix);
  }

  async create(name: string, content: string): Promise<boolean> {
    if ((await this.#bucket.create(this.#prefix + name, content)) !== undefined) return true;
    // An answer may have been lost and the request repeated: what only this writer could have said is its own.
    return (await this.read(name)) === content;
  }

  async read(name: string): Promise<string | undefined> {
    const stored = await this.#bucket.stat(this.#prefix + name);
    if (stored === undefined) return undefined;
    return (await this.#content(stored.name)).toString('utf8');
  }

  async *list(prefix: string): AsyncGenerator<string> {
    for await (const { name } of this.#bucket.list(this.#prefix + prefix)) yield name.slice(this.#prefix.length);
  }

  async openPart(part: string): Promise<OpenPart> {
    const directory = join(await this.#folder(), part.replaceAll('/', '-'));
    mkdirSync(directory, { recursive: true });
    return new SavedPart({
      directory,
      saveEveryMs: this.#saveEveryMs,
      create: (name, bytes) => this.#createPiece(`${part}/${name}`, bytes),
    });
  }

  async lengthsOf(part: string): Promise<PartLengths> {
    const lengths = { ...NO_LENGTHS };
    for (const { file, offset, size } of await this.#pieces(part)) {
      // Pieces are written in order: one that stands behind a gap is not there for others yet.
      if (offset === lengths[file]) lengths[file] += size;
    }
    return lengths;
  }

  async fetchPart(part: string, lengths: PartLengths): Promise<string> {
    const directory = join(await this.#folder(), part.replaceAll('/', '-'));
    mkdirSync(directory, { recursive: true });
    const contents = new Map<GrowingFile, Buffer[]>();
    for (const { name, file, offset } of await this.#pieces(part)) {
      if (offset >= lengths[file]) continue;
      contents.set(file, [...(contents.get(file) ?? []), await this.#content(name)]);
    }
    for (const [file, pieces] of contents) writeFileSync(join(directory, fileNames[file]), Buffer.concat(pieces));
    const manifest =
      (await this.read(`${part}/${ENDED_MANIFEST}`)) ?? (await this.read(`${part}/${fileNames.manifest}`));
    if (manifest !== undefined) writeFileSync(join(directory, fileNames.manifest), manifest);
    return directory;
  }

  async close(): Promise<void> {
    for (const folder of this.#folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  }

  async #pieces(part: string): Promise<Piece[]> {
    const pieces: Piece[] = [];
    for await (const { name, size } of this.#bucket.list(`${this.#prefix}${part}/`)) {
      const piece = parsePieceName(name.slice(this.#prefix.length + part.length + 1));
      if (piece !== undefined) pieces.push({ ...piece, name, size });
    }
    return pieces.sort((left, right) => left.offset - right.offset);
  }

  async #createPiece(name: string, bytes: Uint8Array): Promise<void> {
    if ((await this.#bucket.create(this.#prefix + name, bytes)) !== undefined) return;
    const there = await this.#content(this.#prefix + name);
    if (there.equals(bytes)) return;
    throw new GleanerError(
      'run-refused',
      `Cannot write ${this.#bucket.urlOf(this.#prefix + name)}: something else stands there; another process writes this part`,
    );
  }

  async #content(name: string): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.#bucket.read(name)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async #folder(): Promise<string> {
    const folder = await mkdtemp(join(this.#scratch, 'gleaner-parts-'));
    this.#folders.push(folder);
    return folder;
  }
}

/** An object that holds a piece of a file. */
interface Piece extends PieceName {
  name: string;
  size: number;
}
