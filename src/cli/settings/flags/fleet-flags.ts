import { omit, pick, share, wholeNumber, type Flag } from '../flag.ts';
import { MAX_MS } from './bounds.ts';
import { poolFlags } from './pool-flags.ts';
import { conductFlags, runFlags } from './run-flags.ts';
import { serviceFlags } from './service-flags.ts';

/** Whose queue it is; the pool is the one that runs share. */
const queueFlags = pick(poolFlags, ['pool', 'pool-prefix', 'pool-wait-ms']).map((flag) =>
  flag.name === 'pool'
    ? {
        ...flag,
        description:
          'Redis or Valkey that has the queue and the pool: redis://[user@]host:port/0, rediss:// for TLS; the password is $GLEANER_POOL_PASSWORD',
      }
    : flag,
);

/** What a submitted run is worked on with; its workers may say otherwise for themselves. */
export const fleetFlags = [
  ...omit(conductFlags, ['cache', 'json-logs', 'debug', 'auth', 'prices']),
  ...pick(poolFlags, ['pool-max-cost', 'pool-max-total-tokens']),
] as const satisfies readonly Flag[];

export const submitFlags = [
  {
    name: 'out',
    argument: '<dir>',
    description: 'run directory that the parts become; they stand in <dir>.fleet until then',
  },
  ...queueFlags,
  ...pick(runFlags, ['format', 'delimiter', 'encoding', 'fill-short-rows', 'media-root', 'id-field']),
  {
    name: 'chunk-rows',
    argument: '<n>',
    description: 'most records of a chunk, from 200 to 2000 in general',
    defaultText: "500, ten times --concurrency up to 2000, or the plan's",
    parse: wholeNumber(1),
  },
  { name: 'wait', description: 'wait until the run is merged, and exit as it ended' },
  { name: 'withdraw', description: 'take the run back: no chunk of it is begun any more; its parts stay' },
  { name: 'json', description: 'one JSON object on stdout' },
  ...fleetFlags,
  ...pick(conductFlags, ['auth', 'debug']),
] as const satisfies readonly Flag[];

export const workFlags = [
  ...queueFlags,
  { name: 'until-empty', description: 'end when nothing is left to do, and exit as the runs ended' },
  { name: 'name', argument: '<name>', description: 'what this worker is called', defaultText: 'host and process' },
  {
    name: 'lock-ms',
    argument: '<n>',
    description: 'how long a chunk is kept for a worker that is not heard of',
    defaultText: '15000',
    parse: wholeNumber(500, MAX_MS),
  },
  { name: 'emulator', description: 'start an embedded emulator and use it; no account, no cost' },
  ...omit(serviceFlags, ['model', 'endpoint', 'request-type']),
  ...pick(conductFlags, ['concurrency', 'prices', 'json-logs', 'debug']),
] as const satisfies readonly Flag[];

export const mergeFlags = [
  { name: 'out', argument: '<dir>', description: 'run directory to make of the shards' },
  ...pick(conductFlags, ['prices', 'min-records']),
  {
    name: 'max-reject-rate',
    argument: '<0..1>',
    description: 'share of rejects above which the exit code is 1',
    defaultText: "the shards', where they agree",
    parse: share,
  },
  { name: 'json', description: 'usage.json of the merged run on stdout' },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];
