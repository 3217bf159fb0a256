import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { isJsonObject } from '../../json/value.ts';
import { systemCode } from '../../files/system-error.ts';

/** Who holds a run directory, as run.lock says. */
export interface Holder {
  pid: number;
  host: string;
  since: string;
  /** Tells this holding from every other one; empty in the lock of a version that had none. */
  token: string;
  /** The start of the machine it runs on, and on Linux its process namespace; null where the system does not say. */
  boot: string | null;
  namespace: string | null;
  /** When its process started, in ticks since the machine's start: a reused pid has another. */
  started: string | null;
  /** Whether the operating system's lock on the directory is its own. */
  hasOsLock: boolean;
}

/** Whether a holder lives: `unknown` where it cannot be asked from here. */
export type Liveness = 'dead' | 'alive' | 'unknown';

export function describeOwnProcess(hasOsLock: boolean): Holder {
  return {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    token: randomUUID(),
    boot: bootOf(),
    namespace: namespaceOf(),
    started: processState(process.pid)?.started ?? null,
    hasOsLock,
  };
}

/** The token becomes part of a file's name. */
const TOKEN_PATTERN = /^[0-9a-f-]{36}$/;

/** Undefined for what no version of ours has written. */
export function parseHolder(text: string): Holder | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const { pid, host, since, token, boot, namespace, started, hasOsLock } = value;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1 || typeof host !== 'string') return undefined;
  const textOf = (member: unknown): string | null => (typeof member === 'string' ? member : null);
  return {
    pid,
    host,
    since: String(since),
    token: typeof token === 'string' && TOKEN_PATTERN.test(token) ? token : '',
    boot: textOf(boot),
    namespace: textOf(namespace),
    started: textOf(started),
    hasOsLock: hasOsLock === true,
  };
}

/** Asks for the holder's process where that can be seen, and otherwise the operating system's lock. */
export function livenessOf(holder: Holder, own: Holder, osLock: 'held' | 'busy' | 'unavailable'): Liveness {
  if (sharesProcesses(holder, own)) return isRunning(holder) ? 'alive' : 'dead';
  if (isOfOldVersion(holder)) return holder.host === own.host && isRunning(holder) ? 'alive' : 'unknown';
  if (!holder.hasOsLock || holder.boot === null || holder.boot !== own.boot) return 'unknown';
  if (osLock === 'held') return 'dead';
  return osLock === 'busy' ? 'alive' : 'unknown';
}

/** Whether times on the holder's clock can be compared with ours: the machine is the same. */
export function sharesClock(holder: Holder, own: Holder): boolean {
  return holder.boot === null ? holder.host === own.host : holder.boot === own.boot;
}

function isOfOldVersion({ token }: Holder): boolean {
  return token === '';
}

/** Two containers may share a host name and see none of each other's processes. */
function sharesProcesses(holder: Holder, own: Holder): boolean {
  if (isOfOldVersion(holder)) return false;
  if (process.platform !== 'linux') return holder.host === own.host;
  return (
    holder.boot !== null && holder.boot === own.boot && holder.namespace !== null && holder.namespace === own.namespace
  );
}

function isRunning({ pid, started }: Holder): boolean {
  const state = processState(pid);
  if (state === undefined) return canBeSignalled(pid);
  return !state.hasEnded && (started === null || started === state.started);
}

/** From /proc; undefined where there is no such process, or no /proc. A zombie has ended and holds nothing. */
function processState(pid: number): { hasEnded: boolean; started: string } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The name in brackets may hold blanks and brackets of its own.
  const [state = '', ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { hasEnded: state === 'Z' || state === 'X' || state === 'x', started: rest[18] ?? '' };
}

function canBeSignalled(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return systemCode(error) === 'EPERM';
  }
}

function bootOf(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return null;
  }
}

function namespaceOf(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}
