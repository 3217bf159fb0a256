import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  covers,
  readAcceptances,
  writeAcceptance,
  type Acceptance,
} from '../../../src/evolution/check/accept-record.ts';

const acceptance: Acceptance = {
  name: 'note',
  oldHash: 'a'.repeat(64),
  newHash: 'b'.repeat(64),
  directions: ['backward'],
  rules: ['type-narrowed'],
  fingerprints: ['0123456789ab'],
  reason: 'Nobody reads them',
  date: '2026-01-02',
  gleaner: '1.0.0',
  witness: { a: 1 },
};
const { oldHash, newHash } = acceptance;

function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'gleaner-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('an acceptance holds between its two schemas and for its directions only', () => {
  expect(covers(acceptance, { oldHash, newHash, directions: ['backward'] })).toBe(true);
  expect(covers(acceptance, { oldHash, newHash: 'c'.repeat(64), directions: ['backward'] })).toBe(false);
  expect(covers(acceptance, { oldHash: 'c'.repeat(64), newHash, directions: ['backward'] })).toBe(false);
  expect(covers(acceptance, { oldHash, newHash, directions: ['backward', 'forward'] })).toBe(false);
});

describe('files', () => {
  test('what was written is read again, and written again it is the same file', async () => {
    const folder = temporaryFolder();
    const path = writeAcceptance(folder, acceptance);
    expect(writeAcceptance(folder, acceptance)).toBe(path);
    expect(await readAcceptances(folder)).toEqual([{ ...acceptance, path }]);
    expect(await readAcceptances(join(folder, 'none'))).toEqual([]);
  });

  test.each([
    '[]',
    '{',
    JSON.stringify({ ...acceptance, reason: ' ' }),
    JSON.stringify({ ...acceptance, directions: ['up'] }),
  ])('one that says too little is refused: %s', async (text) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'accepted'));
    writeFileSync(join(folder, 'accepted/x.json'), text);
    await expect(readAcceptances(folder)).rejects.toThrow(/accepted\/x\.json/);
  });
});
