import { mkdirSync, writeFileSync } from 'node:fs';
import type * as Fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AppendLog } from '../../src/files/append-log.ts';
import { DirectoryPlace } from '../../src/files/directory-place.ts';
import { takeOsLock } from '../../src/files/os-lock.ts';
import { readJsonLines } from '../../src/files/read-json-lines.ts';
import { RunLock } from '../../src/store/lock/run-lock.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';

/** A disk whose closes fail, as those of network file systems may: the file is closed, and an error comes back. */
const disk = vi.hoisted(() => ({ isFailing: false, failures: 0 }));
vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const closeSync: typeof fs.closeSync = (fd) => {
    fs.closeSync(fd);
    if (!disk.isFailing) return;
    disk.failures += 1;
    throw Object.assign(new Error('EIO: i/o error, close'), { code: 'EIO' });
  };
  return { ...fs, default: fs, closeSync };
});

beforeEach(() => {
  disk.isFailing = true;
  disk.failures = 0;
});
afterEach(() => {
  disk.isFailing = false;
});

test('lines that were read are all there', () => {
  const path = join(temporaryDirectory(), 'results.jsonl');
  writeFileSync(path, '{"id":"a"}\n{"id":"b"}\n');
  expect([...readJsonLines(path)]).toEqual([{ id: 'a' }, { id: 'b' }]);
  expect(disk.failures).toBeGreaterThan(0);
});

test('a lock is taken, looked at and given back', async () => {
  const lock = await RunLock.take(join(temporaryDirectory(), 'run.lock'), { onLost: () => expect.unreachable() });
  lock.demandHeld();
  lock.release();
  expect(disk.failures).toBeGreaterThan(0);
});

test('a directory is held and let go', () => {
  const path = join(temporaryDirectory(), 'run');
  mkdirSync(path);
  const place = new DirectoryPlace(path);
  expect(place.isThere()).toBe(true);
  place.close();
  const lock = takeOsLock(path);
  if (lock.state === 'held') lock.release();
  expect(disk.failures).toBeGreaterThan(0);
});

test('a log is given back unwritten; of one that was written the failure is told', () => {
  const path = join(temporaryDirectory(), 'results.jsonl');
  writeFileSync(path, '');
  new AppendLog(path).abandon();
  const log = new AppendLog(path);
  expect(() => log.close()).toThrow(`Cannot save ${path}: the device reports an input/output error (EIO)`);
});
