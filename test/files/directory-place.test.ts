import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DirectoryPlace } from '../../src/files/directory-place.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';

test('DirectoryPlace knows its directory from any other of its name', () => {
  const path = join(temporaryDirectory(), 'run');
  mkdirSync(path);
  const place = new DirectoryPlace(path);
  onTestFinished(() => place.close());
  expect(place.isThere()).toBe(true);
  renameSync(path, `${path}.bak`);
  expect(place.isThere()).toBe(false);
  cpSync(`${path}.bak`, path, { recursive: true });
  expect(place.isThere()).toBe(false);
  rmSync(path, { recursive: true });
  renameSync(`${path}.bak`, path);
  expect(place.isThere()).toBe(true);
});
