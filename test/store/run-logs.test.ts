import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RunLogs } from '../../src/store/run-logs.ts';
import { attemptEntry, callEntry, rejectEntry, resultEntry } from './run-files.ts';
import { temporaryDirectory } from './temporary-directory.ts';

type Name = Parameters<ConstructorParameters<typeof RunLogs>[0]>[0];

function openLogs(elsewhere: Partial<Record<Name, string>> = {}) {
  const directory = temporaryDirectory();
  const pathOf = (name: Name): string => elsewhere[name] ?? join(directory, `${name}.jsonl`);
  const logs = new RunLogs(pathOf);
  onTestFinished(() => logs.abandon());
  const indexes = (name: Name): number[] =>
    readFileSync(pathOf(name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { index: number }).index);
  return { logs, pathOf, indexes };
}

const hasFullDevice = existsSync('/dev/full');

describe.runIf(hasFullDevice)('where a line cannot be written, none goes out that builds on it:', () => {
  test.each(['results', 'rejects'] as const)('no ledger line after one of %s, and no note of a later call', (name) => {
    const { logs, indexes } = openLogs({ [name]: '/dev/full' });
    if (name === 'results') logs.append({ result: resultEntry(0), attempt: attemptEntry(1, 0, 'extracted') });
    else logs.append({ reject: rejectEntry(0), attempt: attemptEntry(1, 0, 'invalid') });
    logs.noteCall(callEntry(2, 1));
    expect(() => logs.flush()).toThrow('/dev/full');
    expect(indexes('attempts')).toEqual([]);
    expect(indexes('inflight')).toEqual([]);
  });
});

test.each(['results', 'rejects', 'attempts'] as const)('%s grows on in the file that took its place', (name) => {
  const { logs, pathOf, indexes } = openLogs();
  const append = (index: number): void =>
    logs.append({
      result: resultEntry(index),
      reject: rejectEntry(index),
      attempt: attemptEntry(index, index, 'extracted'),
    });
  append(0);
  logs.flush();
  renameSync(pathOf(name), `${pathOf(name)}.old`);
  expect(() => logs.checkPlaces()).toThrow(pathOf(name));
  logs.openAgain(name);
  logs.checkPlaces();
  append(1);
  logs.flush();
  for (const one of ['results', 'rejects', 'attempts'] as const) {
    expect(indexes(one)).toEqual(one === name ? [1] : [0, 1]);
  }
});
