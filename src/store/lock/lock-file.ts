import { hash } from 'node:crypto';
import {
  constants,
  fstatSync,
  futimesSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { closeRead } from '../../files/close-read.ts';
import { systemCode } from '../../files/system-error.ts';
import { NO_LINKS } from '../../files/place-if-absent.ts';
import { StoreError } from '../../files/store-error.ts';
import { parseHolder, type Holder } from './holder.ts';

/** A lock file as it stood at one moment. */
export interface SeenLock {
  /** Undefined when it says nothing that a version of ours wrote. */
  holder: Holder | undefined;
  /** Tells this lock from one that takes its place. */
  key: string;
  /** When its holder last showed itself, by the clock that stamps files. */
  beatMs: number;
}

/** Undefined where there is no lock. */
export function lookAt(path: string): SeenLock | undefined {
  return withLock(path, (fd) => read(fd));
}

/**
 * Shows that the holder lives. The lock that was looked at is the one that is stamped, never a successor's.
 *
 * @returns the lock that stands there; undefined when there is none
 */
export function beatIfOwn(path: string, own: Holder): SeenLock | undefined {
  return withLock(path, (fd) => {
    const seen = read(fd);
    const now = new Date();
    if (seen.key === own.token) stamp(path, fd, now);
    return seen;
  });
}

/**
 * Makes a lock that says who holds it from its first moment on: it is written under another name and linked into place,
 * which one process alone can do.
 *
 * @returns false when there is one already
 */
export function createLock(path: string, holder: Holder): boolean {
  const text = `${JSON.stringify(holder)}\n`;
  const temporary = `${path}.${holder.token}`;
  try {
    writeFileSync(temporary, text, { flag: 'wx' });
    try {
      linkSync(temporary, path);
    } catch (error) {
      // Whoever took the lock meanwhile has cleared up.
      if (systemCode(error) === 'ENOENT') return false;
      if (!NO_LINKS.has(systemCode(error) ?? '')) throw error;
      writeFileSync(path, text, { flag: 'wx' });
    } finally {
      rmSync(temporary, { force: true });
    }
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw new StoreError('lock', path, error);
  }
}

/** Where the successor of a lock stands while it takes over. Whoever makes this file is the only one who may replace that lock. */
export function claimPath(path: string, { key }: Pick<SeenLock, 'key'>): string {
  return `${path}.after-${key}`;
}

/**
 * Puts the own lock in the place of one that was judged abandoned.
 *
 * @returns false when another process did so first, or the lock is not that one any more
 */
export function succeed(path: string, judged: SeenLock, own: Holder): boolean {
  const claim = claimPath(path, judged);
  if (!createLock(claim, own)) return false;
  try {
    if (lookAt(path)?.key === judged.key) renameSync(claim, path);
    else rmSync(claim, { force: true });
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw new StoreError('take over', path, error);
  }
  return lookAt(path)?.key === own.token;
}

/** Removes a claim whose maker died over it. Should a living process's be hit, that one finds out and begins anew. */
export function clearClaim(claim: string, own: Holder): void {
  const aside = `${claim}.${own.token}`;
  try {
    renameSync(claim, aside);
    rmSync(aside, { force: true });
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw new StoreError('take over', claim, error);
  }
}

/** Removes what processes left that died while they took the lock; what a living one is at work on, it makes again. */
export function clearLeftovers(path: string): void {
  const directory = dirname(path);
  try {
    for (const name of readdirSync(directory)) {
      if (name.startsWith(`${basename(path)}.`)) rmSync(join(directory, name), { force: true });
    }
  } catch {
    // They hinder nobody.
  }
}

/** Removes the own lock, and no other: while the own claim stands, nobody can put another in its place. */
export function removeLock(path: string, own: Holder): void {
  const claim = claimPath(path, { key: own.token });
  try {
    if (!createLock(claim, { ...own })) return;
    if (lookAt(path)?.key === own.token) rmSync(path, { force: true });
    rmSync(claim, { force: true });
  } catch {
    // The directory is gone or read-only: its own error is the one to report, and the lock of a dead process hinders nobody.
  }
}

/** Some systems stamp no file that is open for reading alone. */
function stamp(path: string, fd: number, now: Date): void {
  try {
    futimesSync(fd, now, now);
  } catch {
    utimesSync(path, now, now);
  }
}

function withLock<Value>(path: string, action: (fd: number) => Value): Value | undefined {
  let fd: number;
  try {
    // Opening, unlike asking for a path's times, makes a network file system look again.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new StoreError('lock', path, error);
  }
  try {
    return action(fd);
  } catch (error) {
    throw new StoreError('lock', path, error);
  } finally {
    closeRead(fd);
  }
}

function read(fd: number): SeenLock {
  const { ino, mtimeMs } = fstatSync(fd);
  const text = readFileSync(fd, 'utf8');
  const holder = parseHolder(text);
  const key = holder?.token || hash('sha256', `${ino} ${text}`).slice(0, 16);
  return { holder, key, beatMs: mtimeMs };
}
