import { parseJsonObject } from '../json/parse-json.ts';
import { fstatSync, openSync } from 'node:fs';
import { scanLines } from '../files/line-scanner.ts';
import { systemCode } from '../files/system-error.ts';
import type { JsonObject } from '../json/value.ts';
import { closeRead } from '../files/close-read.ts';

/** A JSON lines file that another process writes: each reading goes on where the one before ended. */
export class GrownLines {
  readonly #path: string;
  #offset = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether the file has become shorter than what was read of it, so that it is another one. */
  get isReplaced(): boolean {
    return this.#withFile((_fd, size) => size < this.#offset) ?? this.#offset > 0;
  }

  /** Hands over the whole lines that have come since; lines that are no JSON objects are passed over. */
  read(take: (entry: JsonObject) => void): void {
    this.#withFile((fd, size) => {
      for (const { offset, bytes } of scanLines(fd, size, this.#offset)) {
        this.#offset = offset + bytes.length + 1;
        const entry = parseJsonObject(bytes.toString('utf8'));
        if (entry !== undefined) take(entry);
      }
    });
  }

  #withFile<Result>(work: (fd: number, size: number) => Result): Result | undefined {
    let fd: number;
    try {
      fd = openSync(this.#path, 'r');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return work(fd, fstatSync(fd).size);
    } finally {
      closeRead(fd);
    }
  }
}
