import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { closeRead } from './close-read.ts';
import { isSameFile } from './directory-place.ts';
import { StoreError } from './store-error.ts';

const NEWLINE = 0x0a;
const TAIL_CHUNK = 64 * 1024;
/** As 'a+', but neither through a link nor waiting at a pipe; Windows has no such flags. */
const APPEND_HERE =
  constants.O_APPEND | constants.O_CREAT | constants.O_RDWR | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const fdatasyncAsync = promisify(fdatasync);

/**
 * A file of JSON lines that only grows. Lines reach the operating system whole and in order: a killed process leaves at
 * most one torn line at the end, which opening cuts off, and a write that fails half-way (disk full) is undone at once.
 */
export class AppendLog {
  readonly path: string;
  /** Bytes of a torn last line that opening cut off. */
  readonly tornBytes: number;
  readonly #fd: number;
  /** Whether the file system counts names and gives lasting numbers; where it does not, a replaced file cannot be told by them. */
  readonly #isTraceable: boolean;
  #size: number;
  #pending: string[] = [];
  #isDirty = false;
  #syncing: Promise<void> = Promise.resolve();
  #isClosed = false;
  /** Why lines are missing: whoever flushes afterwards learns of it, too, or would take them for written. */
  #broken: StoreError | undefined;

  constructor(path: string) {
    this.path = path;
    let fd: number | undefined;
    try {
      fd = openSync(path, APPEND_HERE);
      const stats = fstatSync(fd);
      const { size } = stats;
      this.#isTraceable = stats.nlink > 0 && isSameFile(stats, statSync(path, { throwIfNoEntry: false }));
      this.#size = wholeLines(fd, size);
      this.tornBytes = size - this.#size;
      if (this.tornBytes > 0) ftruncateSync(fd, this.#size);
      this.#fd = fd;
    } catch (error) {
      if (fd !== undefined) closeRead(fd);
      throw new StoreError('open', path, error);
    }
  }

  /** Queues one line for the next `flush`. */
  append(line: object): void {
    this.#pending.push(JSON.stringify(line));
  }

  /**
   * Hands queued lines to the operating system, where they survive the end of this process. After one that failed all others do: lines are
   * missing, and nobody may take the log for whole.
   */
  flush(): void {
    if (this.#broken === undefined && this.#pending.length === 0) return;
    const text = `${this.#pending.join('\n')}\n`;
    this.#pending = [];
    if (this.#broken !== undefined) throw this.#broken;
    const length = Buffer.byteLength(text);
    let written = 0;
    try {
      // A string needs no buffer of its own; only what a first write leaves over is copied into one.
      written = writeSync(this.#fd, text);
      if (written < length) {
        const bytes = Buffer.from(text);
        while (written < length) written += writeSync(this.#fd, bytes, written);
      }
    } catch (error) {
      this.#broken = new StoreError('write to', this.path, error);
      if (written > 0) this.#undo();
      throw this.#broken;
    }
    this.#size += length;
    this.#isDirty = true;
  }

  /** Has all that was flushed reach the disk itself; what an earlier call is still at is waited for. */
  sync(): Promise<void> {
    if (this.#isDirty) {
      this.#isDirty = false;
      this.#syncing = this.#save();
    }
    return this.#syncing;
  }

  /**
   * Writing to a file that was removed, or replaced by another of its name, meets no error: its lines go where nobody will find them.
   * Nor does writing to one that somebody else cut or wrote to, whose lines are missing or glued together then.
   *
   * @throws {StoreError} when the file no longer stands at its path as it was left
   */
  checkPlace(): void {
    let wrong: string | undefined;
    try {
      const ours = fstatSync(this.#fd);
      const there = statSync(this.path, { throwIfNoEntry: false });
      const isThere = this.#isTraceable ? isSameFile(ours, there) : there?.isFile() === true;
      if (!isThere) wrong = 'removed or replaced';
      else if (ours.size !== this.#size) wrong = ours.size < this.#size ? 'cut short' : 'written to by something else';
    } catch (error) {
      throw new StoreError('write to', this.path, error);
    }
    if (wrong === undefined) return;
    throw new StoreError('write to', this.path, new Error(`it was ${wrong} while the run was writing to it`));
  }

  /** Gives the file back without writing what is queued: it is another process's, or nobody will find it. */
  abandon(): void {
    this.#pending = [];
    if (!this.#isClosed) closeRead(this.#fd);
    this.#isClosed = true;
  }

  close(): void {
    this.#isClosed = true;
    let failure: unknown;
    const steps = [
      // What a flush could not write was told by it.
      () => (this.#pending.length > 0 ? this.flush() : undefined),
      () => (this.#isDirty ? fdatasyncSync(this.#fd) : undefined),
      () => closeSync(this.#fd),
    ];
    for (const step of steps) {
      try {
        step();
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure === undefined) return;
    throw failure instanceof StoreError ? failure : new StoreError('save', this.path, failure);
  }

  async #save(): Promise<void> {
    try {
      await fdatasyncAsync(this.#fd);
    } catch (error) {
      throw new StoreError('save', this.path, error);
    }
  }

  #undo(): void {
    try {
      ftruncateSync(this.#fd, this.#size);
    } catch {
      // The half line stays, as after a kill; the next opening cuts it off. The write's own error is the one to report.
    }
  }
}

/** Length of the file up to and including its last newline. */
function wholeLines(fd: number, size: number): number {
  const chunk = Buffer.alloc(Math.min(TAIL_CHUNK, size));
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - chunk.length);
    const length = readSync(fd, chunk, 0, end - start, start);
    const newline = chunk.subarray(0, length).lastIndexOf(NEWLINE);
    if (newline !== -1) return start + newline + 1;
    end = start;
  }
  return 0;
}
