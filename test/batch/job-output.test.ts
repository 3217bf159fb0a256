import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { JobOutput } from '../../src/batch/job-output.ts';
import { keyOf } from '../../src/batch/line-index.ts';
import { RowRanges } from '../../src/batch/row-ranges.ts';
import type { SaidText } from '../../src/native/digest-texts.ts';

interface Line {
  key?: string;
  text: string;
  answer?: string;
}

function write({ key, text, answer = text }: Line): string {
  const request = { contents: [{ parts: [{ text }], role: 'user' }] };
  const line = { status: '', request, response: { answer } };
  return JSON.stringify(key === undefined ? line : { key, ...line });
}

const said = (value: string): SaidText[] => [{ kind: 't', value }];

function open(lines: readonly string[], rows = 10): Promise<JobOutput> {
  const path = join(mkdtempSync(join(tmpdir(), 'gleaner-output-')), 'output.jsonl');
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return JobOutput.open(path, new RowRanges([[0, rows - 1]]));
}

/** What the found line answers, or what was found. */
const answerOf = (output: JobOutput, row: number, text: string): unknown => {
  const found = output.find(row, said(text));
  return found && [found.line, (found.value['response'] as { answer: string }).answer];
};

describe('the output of a job', () => {
  it('finds each line by its key and its texts, in whatever order they come', async () => {
    const output = await open([3, 1, 0, 2].map((row) => write({ key: keyOf(row), text: `record ${row}` })));
    expect([0, 1, 2, 3].map((row) => answerOf(output, row, `record ${row}`))).toEqual([
      [2, 'record 0'],
      [1, 'record 1'],
      [3, 'record 2'],
      [0, 'record 3'],
    ]);
    expect([...output.rest()]).toEqual([]);
  });

  it('finds keys behind other members, in spaced JSON, and nowhere inside of the request', async () => {
    const output = await open([
      `{"status": "", "key": "${keyOf(1)}", ${write({ text: 'record 1' }).slice(1)}`,
      `{"request": {"contents": [{"parts": [{"text": "record 2", "key": "${keyOf(0)}"}]}]}, "key": "${keyOf(2)}", "response": {"answer": "two"}}`,
      write({ key: keyOf(0), text: 'record 0' }),
    ]);
    expect(output.repeated).toBe(0);
    expect(answerOf(output, 0, 'record 0')).toEqual([2, 'record 0']);
    expect(answerOf(output, 1, 'record 1')).toEqual([0, 'record 1']);
    expect(answerOf(output, 2, 'record 2')).toEqual([1, 'two']);
  });

  it('takes a line whose key is lost or wrong by its texts, and never one with other texts', async () => {
    const output = await open([
      write({ text: 'record 0' }),
      write({ key: keyOf(2), text: 'record 1' }),
      write({ key: keyOf(1), text: 'record 2' }),
      write({ key: keyOf(3), text: 'record of somebody else' }),
    ]);
    expect([0, 1, 2, 3].map((row) => answerOf(output, row, `record ${row}`))).toEqual([
      [0, 'record 0'],
      [1, 'record 1'],
      [2, 'record 2'],
      undefined,
    ]);
    expect([...output.rest()].map(({ line, row }) => [line, row])).toEqual([[3, 3]]);
  });

  it('gives records of the same texts a line each', async () => {
    const output = await open([write({ text: 'same', answer: 'one' }), write({ text: 'same', answer: 'two' })]);
    expect(answerOf(output, 0, 'same')).toEqual([0, 'one']);
    expect(answerOf(output, 1, 'same')).toEqual([1, 'two']);
    expect(answerOf(output, 2, 'same')).toBeUndefined();
  });

  it('counts lines that say something again, and passes over torn ones', async () => {
    const whole = [0, 1].map((row) => write({ key: keyOf(row), text: `record ${row}` }));
    const torn = whole.map((line) => line.slice(0, -3));
    const output = await open([torn[0], whole[0], '', whole[1], torn[1], whole[1]].map((line) => line ?? ''));
    expect(answerOf(output, 0, 'record 0')).toEqual([1, 'record 0']);
    expect(answerOf(output, 1, 'record 1')).toEqual([2, 'record 1']);
    expect([...output.rest()]).toEqual([]);
    expect(output.repeated).toBe(1);
  });
});
