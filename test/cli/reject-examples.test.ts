import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rejectExamples } from '../../src/cli/reject-examples.ts';
import { rejectAdvice } from '../../src/run/session/reject-advice.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';

const codes = Object.keys(rejectAdvice);

/** A run directory with these rejects. */
function rejected(...errors: readonly { code: string; message: string; line?: number }[]): string {
  const directory = temporaryDirectory();
  const lines = errors.map((error, index) =>
    JSON.stringify({ id: `r${index}`, index, error, attempts: 1, record: {} }),
  );
  writeFileSync(join(directory, 'rejects.jsonl'), lines.map((line) => `${line}\n`).join(''));
  return directory;
}

function counts(names: readonly string[]): { rejectsByCode: Record<string, number> } {
  return { rejectsByCode: Object.fromEntries(names.map((name) => [name, 1])) };
}

test.each(codes)('a record that was rejected as %s has its reason in the summary', (code) => {
  const directory = rejected({ code, message: 'What happened to this one' });
  expect(rejectExamples(directory, counts([code]))).toEqual([`${code}: What happened to this one`]);
});

test('a run that was rejected in every way there is has a reason for each, beside its broken rows', () => {
  const rows = [3, 9, 12, 20].map((line) => ({ code: 'bad_record', message: 'Too few columns', line }));
  const others = codes.map((code) => ({ code, message: `About ${code}` }));
  expect(rejectExamples(rejected(...rows, ...others), counts(codes))).toEqual([
    'line 3: Too few columns',
    'line 9: Too few columns',
    'line 12: Too few columns',
    ...codes.map((code) => `${code}: About ${code}`),
  ]);
});

test('a code that comes up only behind many others is told by what it means', () => {
  const many = Array.from({ length: 600 }, () => ({ code: 'schema_violation', message: 'No total' }));
  const directory = rejected(...many, ...codes.map((code) => ({ code, message: 'Late' })));
  const reasons = rejectExamples(directory, counts(codes));
  expect(reasons[0]).toBe('schema_violation: No total');
  expect(reasons).toHaveLength(codes.length);
  for (const code of codes.filter((name) => name !== 'schema_violation')) {
    expect(reasons).toContain(`${code}: ${rejectAdvice[code as keyof typeof rejectAdvice].meaning}`);
  }
});

test('broken rows alone need no other reason, and without rejects there is none', () => {
  const directory = rejected({ code: 'bad_record', message: 'No id', line: 2 });
  expect(rejectExamples(directory, counts(['bad_record']))).toEqual(['line 2: No id']);
  expect(rejectExamples(directory, counts([]))).toEqual([]);
});
