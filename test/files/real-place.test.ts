import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { realPlace } from '../../src/files/real-place.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';

test('a place has one name, whatever links lead to it and whether it is there', () => {
  const directory = realpathSync(temporaryDirectory());
  mkdirSync(join(directory, 'disk'));
  symlinkSync(join(directory, 'disk'), join(directory, 'runs'));
  const place = join(directory, 'disk', 'all', 'night');
  expect(realPlace(join(directory, 'runs', 'all', 'night'))).toBe(place);
  expect(realPlace(join(directory, 'runs', '..', 'disk', 'all', 'night', ''))).toBe(place);
  mkdirSync(place, { recursive: true });
  expect(realPlace(join(directory, 'runs', 'all', 'night'))).toBe(place);
  expect(realPlace(join('/', 'not-there'))).toBe(join('/', 'not-there'));
});

test('links that go round are told', () => {
  const directory = temporaryDirectory();
  symlinkSync(join(directory, 'b'), join(directory, 'a'));
  symlinkSync(join(directory, 'a'), join(directory, 'b'));
  expect(() => realPlace(join(directory, 'a', 'run'))).toThrow('ELOOP');
});
