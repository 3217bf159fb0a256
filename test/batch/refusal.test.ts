import { expect, test } from 'vitest';
import type { Shard } from '../../src/batch/batch-state.ts';
import { demandPlace } from '../../src/batch/refusal.ts';

const shard = (place: string | undefined): Shard => ({ displayName: 'gleaner-run-0', place }) as Shard;

test.each([
  { lines: 'gs://a', place: 'gs://a', says: undefined },
  { lines: 'gs://a', place: 'gs://b', says: /in gs:\/\/b: the lines of gleaner-run-0 are in gs:\/\/a;/ },
  { lines: 'gs://a', place: 'bq://p.d', says: /are in gs:\/\/a;/ },
  // As versions wrote it that knew buckets only.
  { lines: undefined, place: 'gs://b', says: undefined },
  { lines: undefined, place: 'bq://p.d', says: /in bq:\/\/p\.d: the lines of gleaner-run-0 are in Cloud Storage;/ },
])('open jobs with lines in $lines are gone on with in $place: $says', ({ lines, place, says }) => {
  const demand = (): void => demandPlace([shard(lines)], place);
  if (says === undefined) expect(demand).not.toThrow();
  else expect(demand).toThrow(says);
});
