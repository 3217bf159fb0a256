import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { attemptEntry, rejectEntry, resultEntry } from '../store/run-files.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';

/** What the emulator remembers of a request. */
interface Request {
  body: object;
  usage?: { total: number };
  fault?: string;
}

type Run = Readonly<Record<string, object[] | object | string>>;

const load = async <Module>(name: string): Promise<Module> =>
  (await import(new URL(`../../torture/${name}.mjs`, import.meta.url).href)) as Module;
const { reconcile } = await load<{
  reconcile(out: string, requests: Request[]): { problems: string[]; paidAgain: number };
}>('reconcile');
const { checkRun } = await load<{ checkRun(out: string, records: number): { problems: string[]; lost: number } }>(
  'check-run',
);

const id = (index: number) => `note-${index}`;
const asked = (index: number, total: number | undefined, fault?: string): Request => ({
  body: { messages: [{ role: 'user', content: `Note <${index}>` }] },
  ...(total === undefined ? {} : { usage: { total } }),
  ...(fault === undefined ? {} : { fault }),
});
const call = (number: number, index: number, total: number, more: object = {}) => ({
  ...attemptEntry(number, index, 'extracted'),
  id: id(index),
  tokens: { ...attemptEntry(number, index, 'extracted').tokens, total },
  ...more,
});

/** A run of two records, one of which ended as a reject, as it is when all is well. */
const sound: Run = {
  'results.jsonl': [{ ...resultEntry(0), id: id(0) }],
  'rejects.jsonl': [{ ...rejectEntry(1), id: id(1) }],
  'attempts.jsonl': [call(1, 0, 50), call(2, 1, 30, { outcome: 'rejected' })],
  'usage.json': {
    status: 'finished',
    records: { extracted: 1, rejected: 1, remaining: 0 },
    calls: { sent: 2, unsettled: 0 },
    tokens: { total: 80 },
  },
  'run.json': { status: 'finished' },
  'report.html': '<p>1 extracted, 1 rejected, 0 remaining</p>',
};
const requests = [asked(0, 50), asked(1, 30)];

function written(run: Run): string {
  const out = temporaryDirectory();
  for (const [name, content] of Object.entries(run)) {
    const asLines = (entries: object[]): string => entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(join(out, name), Array.isArray(content) ? asLines(content) : text);
  }
  return out;
}

describe('the torture finds nothing wrong', () => {
  test('with a run whose books agree', () => {
    const out = written(sound);
    expect(reconcile(out, requests).problems).toEqual([]);
    expect(checkRun(out, 2)).toMatchObject({ problems: [], lost: 0 });
  });

  test('with a call that was given up: nobody knows whether it was answered', () => {
    const attempts = [call(1, 0, 0, { outcome: 'failed', code: 'timeout' }), call(2, 0, 50), call(3, 1, 30)];
    const out = written({ ...sound, 'attempts.jsonl': attempts });
    expect(reconcile(out, requests).problems).toEqual([]);
    expect(reconcile(out, [asked(0, 50), ...requests]).problems).toEqual([]);
  });

  test('with an answer that no client could read', () => {
    const attempts = [call(1, 0, 0, { outcome: 'failed', code: 'network' }), call(2, 0, 50), call(3, 1, 30)];
    const out = written({ ...sound, 'attempts.jsonl': attempts });
    expect(reconcile(out, [asked(0, 50, 'truncated-body'), ...requests]).problems).toEqual([]);
  });
});

describe('the torture finds', () => {
  const books: [string, Run['x'], Request[], string][] = [
    ['a call that the ledger lacks', [call(1, 0, 50)], requests, 'the ledger has 0 calls'],
    ['a call that no service saw', [call(1, 0, 50), call(2, 1, 30), call(3, 1, 0)], requests, 'never saw'],
    ['tokens that nobody told', [call(1, 0, 51), call(2, 1, 30)], requests, 'counts 51 tokens'],
    ['an answer that is nowhere', [call(1, 0, 0), call(2, 1, 30)], requests, '1 answers are not in the ledger'],
    [
      'a second answer that one timeout does not explain',
      [call(1, 0, 0, { outcome: 'failed', code: 'timeout' }), call(2, 0, 0), call(3, 1, 30)],
      [asked(0, 50), ...requests],
      '2 answers are not in the ledger, which has 1 unsettled calls',
    ],
  ];
  test.each(books)('%s', (_name, attempts, seen, says) => {
    const { problems } = reconcile(written({ ...sound, 'attempts.jsonl': attempts }), seen);
    expect(problems.join('\n')).toContain(says);
  });

  const ends: [string, Run, string][] = [
    ['a manifest of an unfinished run', { 'run.json': { status: 'running' } }, 'run.json says running'],
    ['a page of an earlier session', { 'report.html': '0 extracted, 1 rejected, 1 remaining' }, 'does not say "1 extr'],
    ['figures that are not those of the ledger', { 'attempts.jsonl': [call(1, 0, 50)] }, 'the files say 1'],
    ['a call that stands there twice', { 'attempts.jsonl': [call(1, 0, 50), call(1, 1, 30)] }, 'has call 1 twice'],
    ['what a kill left behind', { 'inflight.jsonl': '', 'usage.json.tmp': '' }, 'inflight.jsonl,usage.json.tmp'],
  ];
  test.each(ends)('%s', (_name, changed, says) => {
    expect(checkRun(written({ ...sound, ...changed }), 2).problems.join('\n')).toContain(says);
  });

  test('a record that is lost, and one that ended twice', () => {
    const results = [{ ...resultEntry(1), id: id(1) }];
    expect(checkRun(written({ ...sound, 'results.jsonl': results }), 2)).toMatchObject({ lost: 1, doubled: 1 });
  });
});
