import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeUnusedIndex, directoryNameOf, nameOfShard, readShard } from '../../../src/fleet/shards/shard.ts';

describe('readShard', () => {
  test.each([
    { name: 'a number of so many', text: '2/3', variables: {}, shard: '2/3' },
    {
      name: 'what Cloud Run says',
      text: 'auto',
      variables: { CLOUD_RUN_TASK_INDEX: '4', CLOUD_RUN_TASK_COUNT: '10' },
      shard: '4/10',
    },
    {
      name: 'the index of Kubernetes and a count',
      text: 'auto/8',
      variables: { JOB_COMPLETION_INDEX: '7' },
      shard: '7/8',
    },
    {
      name: 'the count that a manifest sets',
      text: 'auto',
      variables: { JOB_COMPLETION_INDEX: '0', JOB_COMPLETION_COUNT: '8' },
      shard: '0/8',
    },
    { name: 'a number over what is set', text: '0/2', variables: { JOB_COMPLETION_INDEX: '7' }, shard: '0/2' },
  ])('takes $name', ({ text, variables, shard }) => {
    expect(nameOfShard(readShard(text, variables))).toBe(shard);
  });

  test.each([
    { text: '3', variables: {}, says: 'from 0/3 to 2/3, or auto' },
    { text: '3/3', variables: {}, says: 'shards count from 0, so that of 3 the last is 2/3' },
    { text: '0/0', variables: {}, says: 'found index "0" of "0"' },
    { text: '-1/3', variables: {}, says: 'from 0/3 to 2/3' },
    { text: 'auto', variables: {}, says: 'neither CLOUD_RUN_TASK_INDEX nor JOB_COMPLETION_INDEX is set' },
    { text: 'auto', variables: { JOB_COMPLETION_INDEX: '1' }, says: 'give auto/3 for three tasks' },
    {
      text: 'auto/4',
      variables: { CLOUD_RUN_TASK_INDEX: '1', CLOUD_RUN_TASK_COUNT: '5' },
      says: 'CLOUD_RUN_TASK_COUNT is "5"',
    },
    {
      text: 'auto/4',
      variables: { CLOUD_RUN_TASK_INDEX: '1', JOB_COMPLETION_INDEX: '1' },
      says: 'are set; give its number',
    },
    {
      text: 'auto',
      variables: { CLOUD_RUN_TASK_INDEX: 'one', CLOUD_RUN_TASK_COUNT: '5' },
      says: 'found index "one" of "5"',
    },
    { text: 'auto', variables: { CLOUD_RUN_TASK_INDEX: '5', CLOUD_RUN_TASK_COUNT: '5' }, says: 'shards count from 0' },
  ])('refuses $text with $variables', ({ text, variables, says }) => {
    expect(() => readShard(text, variables)).toThrow(says);
  });

  test('reads back the name of any shard', () => {
    const shards = fc
      .integer({ min: 1, max: 10_000 })
      .chain((count) => fc.integer({ min: 0, max: count - 1 }).map((index) => ({ index, count })));
    fc.assert(fc.property(shards, (shard) => void expect(readShard(nameOfShard(shard), {})).toEqual(shard)));
  });
});

test('names of directories sort as their shards do', () => {
  expect([3, 10, 99].map((index) => directoryNameOf({ index, count: 100 }))).toEqual([
    '03-of-100',
    '10-of-100',
    '99-of-100',
  ]);
});

test('a task of several that reads everything is told, one that is alone is not', () => {
  expect(describeUnusedIndex({ CLOUD_RUN_TASK_INDEX: '1', CLOUD_RUN_TASK_COUNT: '5' })).toContain(
    'CLOUD_RUN_TASK_INDEX is 1 of 5',
  );
  expect(describeUnusedIndex({ CLOUD_RUN_TASK_INDEX: '0', CLOUD_RUN_TASK_COUNT: '1' })).toBeUndefined();
  expect(describeUnusedIndex({ JOB_COMPLETION_INDEX: '1' })).toBeUndefined();
  expect(describeUnusedIndex({})).toBeUndefined();
});
