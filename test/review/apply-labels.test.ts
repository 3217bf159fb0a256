import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { applyRunLabels } from '../../src/review/apply-labels.ts';
import { reviewedRun } from './review-fixture.ts';

function resultsOf(directory: string): { id: string; data: object; answer?: object; labels?: object[] }[] {
  return readFileSync(join(directory, 'results.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

async function labelled(labels: readonly object[]): Promise<string> {
  const directory = await reviewedRun();
  const lines = labels.map((label) => `${JSON.stringify({ by: 'anna', at: '2031-04-17T06:00:00.000Z', ...label })}\n`);
  writeFileSync(join(directory, 'labels.jsonl'), lines.join(''));
  writeFileSync(join(directory, 'profile.json'), '{"results":3,"evidence":{"results":3}}');
  return directory;
}

test('labels go into the results, with who and when; what the model answered is kept, and the figures follow', async () => {
  const directory = await labelled([
    { id: 'b', path: '/total', value: 97 },
    { id: 'b', path: '/total', value: 98, by: 'ben' },
    { id: 'a', path: '', value: { shop: 'Blue Kettle', total: 12.5 } },
    { id: 'c', path: '', value: { shop: 'x', total: 1 } },
  ]);
  expect(await applyRunLabels(directory)).toEqual({ changed: 2, labelled: 2, withoutResult: 1 });
  const [d, b, a] = resultsOf(directory);
  expect(d).not.toHaveProperty('labels');
  expect(b).toMatchObject({
    data: { shop: 'Red Pot', total: 98 },
    answer: { shop: 'Red Pot', total: 99 },
    labels: [{ path: '/total', by: 'ben', at: '2031-04-17T06:00:00.000Z' }],
  });
  expect(a).toMatchObject({ data: { total: 12.5 }, labels: [{ path: '', by: 'anna' }] });
  expect(a).not.toHaveProperty('answer');
  expect(JSON.parse(readFileSync(join(directory, 'profile.json'), 'utf8'))).toMatchObject({
    evidence: { results: 3 },
    fields: { total: { numbers: { max: 98 } } },
  });
});

test('repeated it changes nothing, and a later label changes its own result only', async () => {
  const directory = await labelled([{ id: 'b', path: '/total', value: 98 }]);
  await applyRunLabels(directory);
  const before = readFileSync(join(directory, 'results.jsonl'), 'utf8');
  expect(await applyRunLabels(directory)).toMatchObject({ changed: 0, labelled: 1 });
  expect(readFileSync(join(directory, 'results.jsonl'), 'utf8')).toBe(before);

  appendFileSync(
    join(directory, 'labels.jsonl'),
    '{"id":"b","path":"/shop","value":"Red Pot Ltd","by":"ben","at":"2031-04-18T06:00:00.000Z"}\n',
  );
  expect(await applyRunLabels(directory)).toMatchObject({ changed: 1 });
  expect(resultsOf(directory)[1]).toMatchObject({
    data: { shop: 'Red Pot Ltd', total: 98 },
    answer: { shop: 'Red Pot', total: 99 },
  });
});

test('a run that another process works on is left alone', async () => {
  const directory = await labelled([{ id: 'b', path: '/total', value: 98 }]);
  const path = join(directory, 'run.json');
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), status: 'running' }));
  await expect(applyRunLabels(directory)).rejects.toThrow('its last session was killed');
});

test('results that are gone or cut are left as they are, and it is said how they come back', async () => {
  const directory = await labelled([{ id: 'b', path: '/total', value: 98 }]);
  const results = join(directory, 'results.jsonl');
  const cut = readFileSync(results, 'utf8').slice(0, -5);
  writeFileSync(results, cut);
  await expect(applyRunLabels(directory)).rejects.toThrow('results.jsonl is cut in its last line');
  expect(readFileSync(results, 'utf8')).toBe(cut);
  rmSync(results);
  await expect(applyRunLabels(directory)).rejects.toThrow('results.jsonl is not there');
  expect(existsSync(results)).toBe(false);
});
