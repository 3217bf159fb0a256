import { closeSync, constants, fsyncSync, openSync, writeSync } from 'node:fs';
import { StoreError } from '../../files/store-error.ts';

const BUFFER_BYTES = 1 << 20;
/** As 'w', but not through a link. */
const REPLACE_HERE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0);

/** A new file of lines, written a megabyte at a time. */
export class LineFile {
  readonly #path: string;
  readonly #fd: number;
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #filled = 0;

  /** @throws {StoreError} when it cannot be written; the same holds for the other methods */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#fd = openSync(path, REPLACE_HERE, 0o666);
    } catch (error) {
      throw new StoreError('write', path, error);
    }
  }

  write(line: string): void {
    const most = line.length * 3 + 1;
    if (this.#filled + most > BUFFER_BYTES) this.#flush();
    if (most > BUFFER_BYTES) this.#writeAll(Buffer.from(`${line}\n`));
    else {
      this.#filled += this.#buffer.write(line, this.#filled);
      this.#buffer[this.#filled] = 0x0a;
      this.#filled += 1;
    }
  }

  /** Everything written is on the disk when this returns. */
  close(): void {
    try {
      this.#flush();
      fsyncSync(this.#fd);
    } catch (error) {
      throw error instanceof StoreError ? error : new StoreError('write', this.#path, error);
    } finally {
      closeSync(this.#fd);
    }
  }

  #flush(): void {
    this.#writeAll(this.#buffer.subarray(0, this.#filled));
    this.#filled = 0;
  }

  #writeAll(bytes: Buffer): void {
    try {
      for (let written = 0; written < bytes.length;) written += writeSync(this.#fd, bytes, written);
    } catch (error) {
      throw new StoreError('write', this.#path, error);
    }
  }
}
