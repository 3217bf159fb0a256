import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { differingParts, readManifest, writeManifest, type Manifest } from '../../src/store/manifest.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const manifest: Manifest = {
  version: 1,
  gleaner: '0.1.0',
  node: '20.19.0',
  status: 'running',
  identity: { model: 'google/gemini-3.5-flash-lite', schema: { type: 'object' }, idField: null },
  settings: { concurrency: 16 },
  sessions: [{ startedAt: '2026-11-23T10:00:00.000Z', endedAt: null, status: 'running' }],
};

test('readManifest reads what writeManifest wrote', () => {
  const path = join(temporaryDirectory(), 'run.json');
  expect(readManifest(path)).toBeUndefined();
  writeManifest(path, manifest);
  expect(readManifest(path)).toEqual(manifest);
});

const otherVersion = 'it is no manifest of version 1; use the gleaner version that wrote it, or another directory';
const noJson = 'it is no JSON; restore the file or start a new run directory';
test.each([
  { name: 'of a later version', content: JSON.stringify({ ...manifest, version: 2 }), message: otherVersion },
  { name: 'without a version', content: '{"identity":{}}', message: otherVersion },
  { name: 'without an identity', content: '{"version":1}', message: otherVersion },
  { name: 'no object', content: '[]', message: otherVersion },
  { name: 'cut short', content: '{"version":1,"secret', message: noJson },
  { name: 'empty', content: '', message: noJson },
])('readManifest refuses a manifest that is $name', ({ content, message }) => {
  const path = join(temporaryDirectory(), 'run.json');
  writeFileSync(path, content);
  expect(() => readManifest(path)).toThrow(`Cannot read ${path}: ${message}`);
});

test('readManifest says what hinders it', () => {
  const path = join(temporaryDirectory(), 'run.json');
  mkdirSync(path);
  expect(() => readManifest(path)).toThrow(`Cannot read ${path}: it is a directory (EISDIR)`);
});

test.each([
  { name: 'none', now: {}, parts: [] },
  { name: 'a value', now: { model: 'other' }, parts: ['model'] },
  { name: 'a value deep inside', now: { schema: { type: 'array' } }, parts: ['schema'] },
  { name: 'a new part', now: { format: 'csv' }, parts: ['format'] },
  {
    name: 'several, in their order',
    now: { format: 'csv', model: 'm', idField: 'id' },
    parts: ['model', 'idField', 'format'],
  },
])('differingParts finds $name', ({ now, parts }) => {
  expect(differingParts(manifest.identity, { ...manifest.identity, ...now })).toEqual(parts);
});

test('differingParts finds a part that is gone', () => {
  const { idField: _, ...rest } = manifest.identity;
  expect(differingParts(manifest.identity, rest)).toEqual(['idField']);
});
