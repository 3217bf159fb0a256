import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readLabelStudioExport } from '../../src/review/label-studio-export.ts';
import { labelStudioTasks } from '../../src/review/label-studio-tasks.ts';
import { takeSample } from '../../src/review/sample.ts';
import { labelsOf, openReview, reviewedRun } from './review-fixture.ts';

test('a sample becomes tasks with spans and values, the doubtful ones scored low, and comes back as labels', async () => {
  const directory = await reviewedRun();
  const review = await openReview(directory);
  const tasks = labelStudioTasks(await takeSample(review, 10));
  expect(tasks.map(({ data }) => (data as { id: string }).id)).toEqual(['a', 'b', 'd']);
  expect(tasks[1]).toEqual({
    data: { id: 'b', text: 'RED POT\nTOTAL 98', field: 'text' },
    predictions: [
      {
        model_version: 'gleaner',
        score: 0.5,
        result: [
          {
            from_name: 'spans',
            to_name: 'text',
            type: 'labels',
            value: { start: 0, end: 7, text: 'RED POT', labels: ['shop'] },
          },
          { from_name: 'shop', to_name: 'text', type: 'textarea', value: { text: ['Red Pot'] } },
          { from_name: 'total', to_name: 'text', type: 'textarea', value: { text: ['99'] } },
        ],
      },
    ],
  });

  const area = (from_name: string, text: string): object => ({ type: 'textarea', from_name, value: { text: [text] } });
  const exported = [
    {
      data: { id: 'b' },
      annotations: [
        { was_cancelled: true, result: [area('total', '1')] },
        {
          completed_by: 7,
          updated_at: '2031-04-18T06:00:00Z',
          result: [area('shop', 'Red Pot'), area('total', '98'), area('colour', 'red'), area('total', 'much')],
        },
      ],
    },
    { data: { id: 'unknown' }, annotations: [{ result: [area('shop', 'x')] }] },
    { data: { id: 'a' }, annotations: [] },
  ];
  const path = join(directory, 'annotations.json');
  writeFileSync(path, JSON.stringify(exported));
  expect(review.importLabels(readLabelStudioExport(path))).toEqual({
    labelled: 1,
    unknown: 2,
    refused: [{ id: 'b', reason: expect.stringContaining('it must be a number such as 12.5 or nothing') }],
  });
  expect(labelsOf(directory)).toEqual([
    { id: 'b', path: '/total', value: 98, by: 'Label Studio 7', at: '2031-04-18T06:00:00.000Z' },
  ]);
  expect(review.importLabels(readLabelStudioExport(path)).labelled).toBe(0);
});

test('a sample is no larger than wanted, has what is doubtful, and some of the rest', async () => {
  const many = Array.from({ length: 200 }, (_, at) => ({
    id: `r${at}`,
    text: `Shop ${at}`,
    data: { shop: at % 10 === 3 ? 'Nowhere' : `Shop ${at}`, total: null },
  }));
  const { items, list } = await takeSample(await openReview(await reviewedRun(many)), 40);
  expect([items.length, list.length]).toEqual([40, 40]);
  const doubtful = items.filter(({ evidence }) => evidence.some(({ match }) => match === 'none'));
  expect(doubtful.length).toBeGreaterThanOrEqual(20);
  expect(items.map(({ at }) => at)).toEqual(items.map(({ at }) => at).sort((left, right) => left - right));
});

test('a file that is no export of Label Studio is refused', async () => {
  const path = join(await reviewedRun(), 'x.json');
  writeFileSync(path, '{}');
  expect(() => readLabelStudioExport(path)).toThrow('a list of tasks');
  writeFileSync(path, 'no');
  expect(() => readLabelStudioExport(path)).toThrow('it is no JSON');
  // As JSON-MIN has tasks, which say nothing of who annotated what.
  writeFileSync(path, '[{"id":"r-1","total":["5"]}]');
  expect(() => readLabelStudioExport(path)).toThrow('none of its 1 tasks has the id of a record as data.id');
  writeFileSync(path, '[]');
  expect(readLabelStudioExport(path)).toEqual([]);
});
