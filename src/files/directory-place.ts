import { constants, fstatSync, openSync, statSync, type Stats } from 'node:fs';
import { closeRead } from './close-read.ts';

/** Whether two looks found the same file: not one of the same name that took its place. */
export function isSameFile(left: Stats, right: Stats | undefined): boolean {
  return right !== undefined && left.dev === right.dev && left.ino === right.ino;
}

/**
 * A directory that is held open, so that it can be told from another that takes its name: one that was moved away and copied
 * back, or that a link was pointed at.
 */
export class DirectoryPlace {
  readonly #path: string;
  /** Undefined where the system opens no directories, or gives them no lasting numbers. */
  readonly #fd: number | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#fd = openTraceable(path);
  }

  /** Whether the path still leads to the directory. */
  isThere(): boolean {
    return this.#fd === undefined || isSameFile(fstatSync(this.#fd), statSync(this.#path, { throwIfNoEntry: false }));
  }

  close(): void {
    if (this.#fd !== undefined) closeRead(this.#fd);
  }
}

function openTraceable(path: string): number | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | (constants.O_DIRECTORY ?? 0));
  } catch {
    return undefined;
  }
  if (isSameFile(fstatSync(fd), statSync(path, { throwIfNoEntry: false }))) return fd;
  closeRead(fd);
  return undefined;
}
