import { closeSync, existsSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileNames } from '../../store/run-directory.ts';
import { lengthsIn } from './lengths-in.ts';
import type { OpenPart } from './part-store.ts';
import { GROWING_FILES, NO_LENGTHS, type PartLengths } from './part-names.ts';
import { ENDED_MANIFEST, pieceName } from './piece-name.ts';

interface SavedPartOptions {
  directory: string;
  saveEveryMs: number;
  /** Writes one piece, whatever was written of it before. */
  create(name: string, bytes: Uint8Array): Promise<void>;
}

/** A part that a run writes on this machine, and that goes into a bucket piece by piece. */
export class SavedPart implements OpenPart {
  readonly directory: string;
  readonly #options: SavedPartOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #saved = { ...NO_LENGTHS };
  /** Where pieces end that were sent: one whose answer was lost may be there, and has to be sent again as it was. */
  readonly #sent = new Map<(typeof GROWING_FILES)[number], number>();
  readonly #written = new Set<string>();
  #saving: Promise<void> | undefined;

  constructor(options: SavedPartOptions) {
    this.directory = options.directory;
    this.#options = options;
    this.#timer = setInterval(() => {
      // A save that failed is made up for by the next; the last one says so.
      this.#saving ??= this.#saveNew()
        .catch(() => undefined)
        .finally(() => (this.#saving = undefined));
    }, options.saveEveryMs);
    this.#timer.unref();
  }

  async save(): Promise<PartLengths> {
    await this.#saving;
    await this.#saveNew();
    return { ...this.#saved };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#saving;
    const lengths = lengthsIn(this.directory);
    if (GROWING_FILES.every((file) => this.#saved[file] === lengths[file]))
      rmSync(this.directory, { recursive: true, force: true });
  }

  async #saveNew(): Promise<void> {
    const lengths = lengthsIn(this.directory);
    for (const file of GROWING_FILES) {
      while (this.#saved[file] < lengths[file]) {
        const offset = this.#saved[file];
        const end = this.#sent.get(file) ?? lengths[file];
        this.#sent.set(file, end);
        await this.#options.create(
          pieceName(file, offset),
          readRange(join(this.directory, fileNames[file]), offset, end),
        );
        this.#sent.delete(file);
        this.#saved[file] = end;
      }
    }
    await this.#saveManifest();
  }

  async #saveManifest(): Promise<void> {
    const path = join(this.directory, fileNames.manifest);
    if (!existsSync(path)) return;
    const content = readFileSync(path);
    const name = content.includes('"status": "running"') ? fileNames.manifest : ENDED_MANIFEST;
    if (this.#written.has(name)) return;
    await this.#options.create(name, content);
    this.#written.add(name);
  }
}

function readRange(path: string, start: number, end: number): Buffer {
  const bytes = Buffer.alloc(end - start);
  const fd = openSync(path, 'r');
  try {
    readSync(fd, bytes, 0, bytes.length, start);
  } finally {
    closeSync(fd);
  }
  return bytes;
}
