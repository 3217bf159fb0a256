import { readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Ports of emulators in this process, which are known where no mark can be left. */
const own = new Set<number>();

/**
 * Leaves a mark where every process of this machine finds it: at this port the emulator listens. So a client need not ask a
 * server that it does not know what it is. Where no mark can be left, other processes know the emulator by its answers only.
 */
export function markEmulator(port: number): void {
  own.add(port);
  try {
    removeMark(port);
    // A link that somebody has planted is not followed.
    writeFileSync(markOf(port), `${process.pid} ${pidNamespace()}\n`, { flag: 'wx' });
  } catch {
    // A client that finds no mark refuses the emulator's answers instead of taking them for a model's.
  }
}

export function unmarkEmulator(port: number): void {
  own.delete(port);
  removeMark(port);
}

function removeMark(port: number): void {
  try {
    rmSync(markOf(port), { force: true });
  } catch {
    // A mark of somebody else's stays; whether it holds is asked of the emulator itself.
  }
}

/** Whether a mark stands for the port whose process still runs, as far as that can be seen from here. */
export function isMarkedEmulator(port: number): boolean {
  if (own.has(port)) return true;
  let mark: string;
  try {
    mark = readFileSync(markOf(port), 'utf8');
  } catch {
    return false;
  }
  const [pid = '', namespace = ''] = mark.trim().split(' ');
  // In another container a process number names another process.
  return namespace !== pidNamespace() || isAlive(Number(pid));
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '-';
  }
}

/** TMPDIR may be another in each process, so it does not count where there is a directory for all. */
function markOf(port: number): string {
  return join(process.platform === 'win32' ? tmpdir() : '/tmp', `gleaner-emulator-${port}`);
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
