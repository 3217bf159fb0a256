import { closeSync, fsync, fsyncSync, openSync, renameSync, rmSync, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { StoreError } from './store-error.ts';

const writeAsync = promisify(write);
const fsyncAsync = promisify(fsync);

/**
 * Replaces a file piece by piece, so that a reader, or a crash, sees either the old content or the new, never a part. A link that was
 * planted where the new content stands until it is whole is removed, not followed.
 */
export class AtomicFile {
  readonly #path: string;
  readonly #temporary: string;
  #fd: number | undefined;
  /** Whether there is anything to remove. */
  #isPending = false;

  /** @throws {StoreError} when it cannot be written; the same holds for the other methods */
  constructor(path: string, temporary = `${path}.tmp`) {
    this.#path = path;
    this.#temporary = temporary;
    this.#guard(() => {
      rmSync(temporary, { force: true });
      this.#fd = openSync(temporary, 'wx');
      this.#isPending = true;
    });
  }

  write(content: string | Uint8Array): void {
    this.#guard((fd) => {
      if (typeof content !== 'string') {
        writeBytes(fd, content);
        return;
      }
      // A text needs no buffer of its own; only what a first write leaves over is copied into one.
      const written = writeSync(fd, content);
      if (written < Buffer.byteLength(content)) writeBytes(fd, Buffer.from(content).subarray(written));
    });
  }

  /** As `write`, while the process does other things; `bytes` stay as they are until it is done. */
  async append(bytes: Uint8Array): Promise<void> {
    const fd = this.#fd ?? -1;
    try {
      for (let written = 0; written < bytes.length;) {
        written += (await writeAsync(fd, bytes, written, bytes.length - written, null)).bytesWritten;
      }
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Has what was written reach the disk, while the process does other things, so that `commit` need not wait for it. */
  async sync(): Promise<void> {
    const fd = this.#fd ?? -1;
    try {
      await fsyncAsync(fd);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Puts the new content in the place of the old. */
  commit(): void {
    this.#guard((fd) => {
      fsyncSync(fd);
      this.#close();
      renameSync(this.#temporary, this.#path);
      this.#isPending = false;
    });
  }

  /** Leaves the old content as it is; does nothing after `commit`. */
  discard(): void {
    if (!this.#isPending) return;
    this.#isPending = false;
    try {
      this.#close();
      rmSync(this.#temporary, { force: true });
    } catch {
      // What hinders the removal hindered the writing before, and that error is the one to report.
    }
  }

  #close(): void {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) closeSync(fd);
  }

  #guard(work: (fd: number) => void): void {
    try {
      work(this.#fd ?? -1);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  #failed(error: unknown): StoreError {
    this.discard();
    return error instanceof StoreError ? error : new StoreError('write', this.#path, error);
  }
}

function writeBytes(fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
}
