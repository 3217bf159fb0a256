import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { takeOsLock } from '../../src/files/os-lock.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';

const hasFlock = spawnSync('flock', ['--version']).status === 0;

test.skipIf(!hasFlock)('takeOsLock gives a directory to one at a time, whatever path leads to it', () => {
  const root = temporaryDirectory();
  mkdirSync(join(root, 'run'));
  symlinkSync(join(root, 'run'), join(root, 'link'));
  const lock = takeOsLock(join(root, 'run'));
  expect(lock.state).toBe('held');
  expect(takeOsLock(join(root, 'run')).state).toBe('busy');
  expect(takeOsLock(join(root, 'link')).state).toBe('busy');
  expect(takeOsLock(root).state).toBe('held');
  if (lock.state === 'held') lock.release();
  expect(takeOsLock(join(root, 'link')).state).toBe('held');
});

test.skipIf(!hasFlock)('takeOsLock holds a directory that is removed and made again for nobody', () => {
  const path = join(temporaryDirectory(), 'run');
  mkdirSync(path);
  expect(takeOsLock(path).state).toBe('held');
  rmSync(path, { recursive: true });
  mkdirSync(path);
  expect(takeOsLock(path).state).toBe('held');
});

test('takeOsLock says so where there is no such lock', () => {
  expect(takeOsLock(join(temporaryDirectory(), 'absent')).state).toBe('unavailable');
  const { PATH } = process.env;
  onTestFinished(() => {
    process.env['PATH'] = PATH;
  });
  process.env['PATH'] = '/nowhere';
  expect(takeOsLock(temporaryDirectory()).state).toBe('unavailable');
});
