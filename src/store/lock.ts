import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { isJsonObject } from '../json/value.ts';
import { GleanerError } from '../gleaner-error.ts';
import { systemCode } from '../files/system-error.ts';
import { StoreError } from './store-error.ts';

const HEARTBEAT_MS = 5000;
/** A lock of another host whose holder has not shown itself for so long is taken over. */
const STALE_MS = 30_000;
/** A lock of this host whose holder has not shown itself for so long is taken over, although a process has its pid. */
const STALE_PID_MS = 600_000;
/** A lock that says nothing yet is being written by another process, unless it stays so for this long. */
const WRITING_MS = 1000;
const LOOK_AGAIN_MS = 50;
const MAX_TRIES = 100;

interface Holder {
  pid: number;
  host: string;
  since: string;
}

/** Locks this process holds; its own pid in a lock file that is not here was left by a process of an earlier container. */
const held = new Set<string>();

/**
 * Takes the run directory for this process alone. A lock whose process has died is taken over: on this host by asking for the
 * process, on another host (a pod that was replaced) by its heartbeat, the lock file's modification time. The heartbeat
 * also unmasks a process that only bears the pid of a dead holder, as after a restart of the machine.
 *
 * @returns the function that gives the lock back
 * @throws {GleanerError} naming the holder
 */
export function takeLock(lockPath: string): () => void {
  const path = resolve(lockPath);
  const own: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    if (createLock(path, own)) {
      held.add(path);
      const heartbeat = setInterval(() => beat(path), HEARTBEAT_MS);
      heartbeat.unref();
      return () => {
        clearInterval(heartbeat);
        held.delete(path);
        // After a long standstill the lock may be another process's by now.
        if (isSame(readHolder(path), own)) remove(path);
      };
    }
    const holder = readHolder(path);
    if (holder !== undefined && isHeld(path, holder, own.host)) {
      throw new GleanerError(
        'run-locked',
        `Cannot use the run directory: process ${holder.pid} on host ${holder.host} has held it since ${holder.since}. ` +
          `Wait for it to end; if it is surely gone, remove ${lockPath}`,
      );
    }
    if (holder === undefined && millisecondsSinceBeat(path) < WRITING_MS) pause(LOOK_AGAIN_MS);
    else removeAbandoned(path, holder);
  }
  throw new GleanerError('run-locked', `Cannot use the run directory: other processes keep taking ${lockPath}`);
}

function createLock(path: string, holder: Holder): boolean {
  try {
    const fd = openSync(path, 'wx');
    try {
      writeSync(fd, `${JSON.stringify(holder)}\n`);
    } finally {
      closeSync(fd);
    }
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw new StoreError('lock', path, error);
  }
}

/**
 * Removes a lock that was judged abandoned. It is moved aside first: should another process have done the same and taken
 * the lock since, what was moved is that process's, and is put back.
 */
function removeAbandoned(path: string, judged: Holder | undefined): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    if (isSame(readHolder(aside), judged)) rmSync(aside, { force: true });
    else renameSync(aside, path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw new StoreError('take over', path, error);
  }
}

function isSame(left: Holder | undefined, right: Holder | undefined): boolean {
  return left?.pid === right?.pid && left?.host === right?.host && left?.since === right?.since;
}

/** Undefined when the lock says nothing readable, as when its writer died before writing: nobody holds it then. */
function readHolder(path: string): Holder | undefined {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const { pid, host, since } = value;
  return typeof pid === 'number' && typeof host === 'string' ? { pid, host, since: String(since) } : undefined;
}

function isHeld(path: string, holder: Holder, ownHost: string): boolean {
  if (holder.host !== ownHost) return millisecondsSinceBeat(path) < STALE_MS;
  if (holder.pid === process.pid) return held.has(path);
  return isAlive(holder.pid) && millisecondsSinceBeat(path) < STALE_PID_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return systemCode(error) === 'EPERM';
  }
}

function millisecondsSinceBeat(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? Number.POSITIVE_INFINITY : Date.now() - stats.mtimeMs;
}

/** Taking a lock is one synchronous step, so waiting for another process within it blocks. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The directory became read-only: its own error is the one to report, and the lock of a dead process hinders nobody.
  }
}

function beat(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // The directory is gone or read-only: writing the results will say so, with more to say than the lock has.
  }
}
