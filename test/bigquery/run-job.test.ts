import { expect, it } from 'vitest';
import type { BigQuery } from '../../src/bigquery/big-query.ts';
import { runJob } from '../../src/bigquery/run-job.ts';
import type { JsonObject } from '../../src/json/value.ts';

const DONE: JsonObject = { status: { state: 'DONE' } };

function failed(reason: string): JsonObject {
  return { status: { state: 'DONE', errorResult: { reason, message: 'It failed.' } } };
}

/** A service with these jobs, and what jobs that are begun come to. */
function service(jobs: Record<string, JsonObject>, outcomes: readonly JsonObject[] = [], from = 1) {
  const begun: string[] = [];
  const client = { job: (id: string) => Promise.resolve(jobs[id]), backoff: { baseMs: 0 } } as unknown as BigQuery;
  const begin = (id: string): Promise<void> => {
    jobs[id] = outcomes[begun.length] ?? DONE;
    begun.push(id);
    return Promise.resolve();
  };
  return { begun, run: () => runJob(client, { name: 'work', from, location: 'EU', task: 'work', begin }) };
}

it('begins a job under the first of its names', async () => {
  const { begun, run } = service({});
  expect(await run()).toMatchObject({ jobId: 'work_1', attempt: 1 });
  expect(begun).toEqual(['work_1']);
});

it('takes a job that is there for its own', async () => {
  const { begun, run } = service({ work_1: DONE });
  expect(await run()).toMatchObject({ jobId: 'work_1' });
  expect(begun).toEqual([]);
});

it('takes a name after hundreds of jobs that were done, whose rows are not kept any more', async () => {
  const { begun, run } = service({}, [], 400);
  expect(await run()).toMatchObject({ jobId: 'work_400', attempt: 400 });
  expect(begun).toEqual(['work_400']);
});

it('passes over jobs that failed before, whatever it was: it may have been put right', async () => {
  const { begun, run } = service({ work_1: failed('accessDenied'), work_2: failed('invalid') });
  expect(await run()).toMatchObject({ jobId: 'work_3' });
  expect(begun).toEqual(['work_3']);
});

it('begins another where its own failed for a reason that passes', async () => {
  const { begun, run } = service({}, [failed('backendError'), failed('rateLimitExceeded'), DONE]);
  expect(await run()).toMatchObject({ jobId: 'work_3' });
  expect(begun).toEqual(['work_1', 'work_2', 'work_3']);
});

it('ends with what stays, and does not try for ever', async () => {
  const staying = service({}, [failed('accessDenied')]);
  await expect(staying.run()).rejects.toThrow('Cannot work: It failed (accessDenied, job work_1)');
  expect(staying.begun).toHaveLength(1);

  const passing = service(
    {},
    Array.from({ length: 30 }, () => failed('backendError')),
  );
  await expect(passing.run()).rejects.toThrow('backendError');
  expect(passing.begun).toHaveLength(5);

  // Nothing is said of another service: it is this one that fails.
  const earlier = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`work_${at + 1}`, failed('invalid')]));
  await expect(service(earlier).run()).rejects.toMatchObject({
    code: 'run-refused',
    message: 'Cannot work: it failed 20 times; look at the jobs work_1 and on',
  });
});
