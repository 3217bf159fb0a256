import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeDirectory } from '../../files/make-directory.ts';
import { StoreError } from '../../files/store-error.ts';
import { systemCode } from '../../files/system-error.ts';
import { lengthsIn } from './lengths-in.ts';
import type { OpenPart, PartStore } from './part-store.ts';
import type { PartLengths } from './part-names.ts';

/** Parts in a directory that all workers see. A part's files are those that its run writes: what was handed to the system is there. */
export class FilePartStore implements PartStore {
  readonly name: string;
  /** Directories that are known to be there. */
  readonly #made = new Set<string>();

  constructor(directory: string) {
    this.name = directory;
  }

  async create(name: string, content: string): Promise<boolean> {
    const path = join(this.name, name);
    // Notes are of two kinds of content only: what nobody else may say, and what says the same whoever says it.
    const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      this.#makeDirectory(dirname(path));
      if (existsSync(path)) return false;
      const fd = openSync(temporary, 'wx');
      try {
        writeFileSync(fd, content);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      linkSync(temporary, path);
      return true;
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      throw new StoreError('write', path, error);
    } finally {
      rmSync(temporary, { force: true });
    }
  }

  async read(name: string): Promise<string | undefined> {
    const path = join(this.name, name);
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw new StoreError('read', path, error);
    }
  }

  async *list(prefix: string): AsyncGenerator<string> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    for await (const name of this.#walk(folder)) if (name.startsWith(prefix)) yield name;
  }

  async openPart(part: string): Promise<OpenPart> {
    const directory = join(this.name, part);
    this.#makeDirectory(directory);
    return { directory, save: () => this.lengthsOf(part), close: () => Promise.resolve() };
  }

  async lengthsOf(part: string): Promise<PartLengths> {
    return lengthsIn(join(this.name, part));
  }

  async fetchPart(part: string): Promise<string> {
    return join(this.name, part);
  }

  async close(): Promise<void> {}

  async *#walk(folder: string): AsyncGenerator<string> {
    const path = join(this.name, folder);
    let entries;
    try {
      entries = await readdir(path, { withFileTypes: true });
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return;
      throw new StoreError('list', path, error);
    }
    for (const entry of entries) {
      const name = `${folder}${entry.name}`;
      if (entry.isDirectory()) yield* this.#walk(`${name}/`);
      else if (!name.endsWith('.tmp')) yield name;
    }
  }

  #makeDirectory(path: string): void {
    if (this.#made.has(path)) return;
    try {
      makeDirectory(path);
    } catch (error) {
      throw new StoreError('create', path, error);
    }
    this.#made.add(path);
  }
}
