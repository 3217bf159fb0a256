import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readPoolRecord, writePoolRecord } from '../../../src/fleet/pool/pool-record.ts';

test('a run has a name of its own in each pool, so that one pool under two addresses does not forget what it spent', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pool-record-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const none = { tokens: 0, nanoUsd: 0 };
  const spent = { tokens: 80, nanoUsd: 0 };
  const first = readPoolRecord(directory, 'localhost:6379/0 gleaner', none);
  writePoolRecord(directory, 'localhost:6379/0 gleaner', first);
  const second = readPoolRecord(directory, '127.0.0.1:6379/0 gleaner', spent);
  writePoolRecord(directory, '127.0.0.1:6379/0 gleaner', second);
  expect(second).toMatchObject({ outside: spent });
  expect(second.account).not.toBe(first.account);
  expect(readPoolRecord(directory, 'localhost:6379/0 gleaner', spent)).toEqual(first);
  expect(readPoolRecord(directory, '127.0.0.1:6379/0 gleaner', none)).toEqual(second);
});
