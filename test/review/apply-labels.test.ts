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
  expect(await applyRunLabels(directory)).toEqual({
    changed: 2,
    labelled: 2,
    takenBack: 0,
    withoutResult: 1,
    withoutPlace: 0,
  });
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

test('a label of a member that a later label takes away again leaves the model’s answer to go back to', async () => {
  const directory = await labelled([
    { id: 'b', path: '', value: { shop: 'Red Pot', total: 98, kind: 'food' } },
    { id: 'b', path: '/kind', value: 'fuel' },
    { id: 'b', path: '', value: { shop: 'Red Pot', total: 98 } },
  ]);
  await applyRunLabels(directory);
  expect(resultsOf(directory)[1]).toMatchObject({ data: { total: 98 }, answer: { total: 99 } });
  expect(await applyRunLabels(directory)).toMatchObject({ changed: 0, labelled: 1 });
  writeFileSync(join(directory, 'labels.jsonl'), '');
  expect(await applyRunLabels(directory)).toMatchObject({ takenBack: 1 });
  expect(resultsOf(directory)[1]).toMatchObject({ data: { shop: 'Red Pot', total: 99 } });
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

const outputSchema = {
  type: 'object',
  properties: {
    shop: { type: 'string' },
    total: { anyOf: [{ type: 'number' }, { type: 'null' }] },
    kind: { type: 'string', enum: ['food', 'fuel'] },
  },
  required: ['shop', 'total'],
  additionalProperties: false,
};

function putIntoManifest(directory: string, members: object): void {
  const path = join(directory, 'run.json');
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), ...members }));
}

test('labels that the schema refuses are named by line and place, and nothing is changed until they are gone or corrected', async () => {
  const directory = await labelled([
    { id: 'b', path: '/total', value: 'much' },
    { id: 'b', path: '/total', value: 98 },
    { id: 'a', path: '/total', value: 'dozen' },
    { id: 'a', path: '/kind', value: 'toys' },
    { id: 'd', path: '', value: { shop: 'Green Pan' } },
    { id: 'd', path: '/totl', value: 7 },
  ]);
  putIntoManifest(directory, { outputSchema });
  const before = readFileSync(join(directory, 'results.jsonl'), 'utf8');
  const refusal = await applyRunLabels(directory).then(
    () => '',
    (error: Error) => error.message,
  );
  expect(refusal.replaceAll(directory, 'run')).toBe(
    [
      'Cannot apply labels in run: the schema of the results refuses 4 labels of run/labels.jsonl: line 3, record "a": /total must be a number such as 12.5 or nothing',
      'line 4, record "a": /kind must be one of "food", "fuel"',
      'line 5, record "d": /total must be a number such as 12.5 or nothing (the label is of the whole)',
      'line 6, record "d": /totl is no field of the schema. Nothing was changed: correct the values in gleaner review, or take the lines out',
    ].join('; '),
  );
  expect(readFileSync(join(directory, 'results.jsonl'), 'utf8')).toBe(before);

  const corrected = [
    { id: 'a', path: '', value: { shop: 'Blue Kettle', total: 12 } },
    { id: 'd', path: '', value: { shop: 'Green Pan', total: 7 } },
  ].map((label) => `${JSON.stringify({ by: 'ben', at: '2031-04-18T06:00:00.000Z', ...label })}\n`);
  appendFileSync(join(directory, 'labels.jsonl'), corrected.join(''));
  expect(await applyRunLabels(directory)).toMatchObject({ changed: 3 });
});

test('labels that fit only together are judged together, and one that fits with none is named alone', async () => {
  const paid = (kind: string, given: object): object => ({
    type: 'object',
    properties: { kind: { const: kind }, given },
    required: ['kind', 'given'],
  });
  const directory = await labelled([
    { id: 'b', path: '/pay/kind', value: 'cash' },
    { id: 'b', path: '/pay/given', value: 100 },
  ]);
  const schema = {
    ...outputSchema,
    properties: {
      ...outputSchema.properties,
      pay: { anyOf: [paid('cash', { type: 'number' }), paid('card', { type: 'null' })] },
    },
  };
  putIntoManifest(directory, { outputSchema: schema });
  const lines = resultsOf(directory).map((line) => ({
    ...line,
    data: { ...line.data, pay: { kind: 'card', given: null } },
  }));
  writeFileSync(join(directory, 'results.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  expect(await applyRunLabels(directory)).toMatchObject({ changed: 1 });
  expect(resultsOf(directory)[1]).toMatchObject({ data: { pay: { kind: 'cash', given: 100 } } });

  appendFileSync(
    join(directory, 'labels.jsonl'),
    '{"id":"b","path":"/kind","value":"toys","by":"ben","at":"2031-04-18T06:00:00.000Z"}\n',
  );
  await expect(applyRunLabels(directory)).rejects.toThrow(
    /refuses 1 label of .*: line 3, record "b": \/kind must be one of/,
  );
});

test('a label that is taken back takes its value back out of the results, also where the schema had made something else of the answer', async () => {
  const directory = await labelled([
    { id: 'b', path: '/total', value: 98 },
    { id: 'd', path: '/shop', value: 'Green Pan Ltd' },
    { id: 'a', path: '', value: { shop: 'Blue Kettle', total: 12.5 } },
  ]);
  const results = join(directory, 'results.jsonl');
  // The schema had trimmed what the model answered for d.
  const lines = resultsOf(directory).map((line) =>
    line.id === 'd' ? { ...line, answer: { shop: ' Green Pan ', total: null } } : line,
  );
  writeFileSync(results, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const before = resultsOf(directory);
  await applyRunLabels(directory);
  const [d] = resultsOf(directory);
  expect(d).toMatchObject({ data: { shop: 'Green Pan Ltd' }, answer: { shop: ' Green Pan ' } });
  expect(await applyRunLabels(directory)).toMatchObject({ changed: 0, labelled: 3 });

  writeFileSync(join(directory, 'labels.jsonl'), '');
  expect(await applyRunLabels(directory)).toMatchObject({ changed: 3, labelled: 0, takenBack: 3 });
  expect(resultsOf(directory)).toEqual(before);
  expect(await applyRunLabels(directory)).toMatchObject({ changed: 0, takenBack: 0 });
});

test('of a label that was corrected, the last value counts, and one that goes back to the answer leaves the answer', async () => {
  const directory = await labelled([{ id: 'b', path: '/total', value: 98 }]);
  await applyRunLabels(directory);
  appendFileSync(
    join(directory, 'labels.jsonl'),
    '{"id":"b","path":"/total","value":99,"by":"ben","at":"2031-04-18T06:00:00.000Z"}\n',
  );
  expect(await applyRunLabels(directory)).toMatchObject({ changed: 1 });
  const [, b] = resultsOf(directory);
  expect(b).toMatchObject({ data: { shop: 'Red Pot', total: 99 }, labels: [{ by: 'ben' }] });
  expect(b).not.toHaveProperty('answer');
});

test('labels of earlier versions, which kept no other data, are taken back to the answer where that was the data', async () => {
  const directory = await labelled([]);
  const labels = [{ path: '/total', by: 'anna', at: '2031-04-17T06:00:00.000Z' }];
  const [d, b, a] = resultsOf(directory);
  const old = [
    { ...d, data: { shop: 'Green Pan', total: 7 }, answer: { shop: ' Green Pan ', total: null }, labels },
    { ...b, data: { shop: 'Red Pot', total: 98 }, answer: b?.data, labels },
    a,
  ];
  writeFileSync(join(directory, 'results.jsonl'), old.map((line) => `${JSON.stringify(line)}\n`).join(''));
  await applyRunLabels(directory);
  expect(resultsOf(directory).map(({ data }) => data)).toEqual([{ shop: 'Green Pan', total: 7 }, b?.data, a?.data]);
});

test('a label whose place is gone changes nothing, and is counted', async () => {
  const directory = await labelled([{ id: 'b', path: '/items/3/price', value: 98 }]);
  expect(await applyRunLabels(directory)).toMatchObject({ withoutPlace: 1 });
  expect(resultsOf(directory)[1]?.data).toEqual({ shop: 'Red Pot', total: 99 });
});
