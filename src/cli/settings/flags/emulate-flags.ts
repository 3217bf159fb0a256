import { share, wholeNumber, type Flag } from '../flag.ts';
import { MAX_MS, MAX_PORT } from './bounds.ts';

export const emulateFlags = [
  {
    name: 'port',
    argument: '<n>',
    description: 'port to listen on; 0 picks a free one',
    defaultText: '8085',
    parse: wholeNumber(0, MAX_PORT),
  },
  { name: 'host', argument: '<address>', description: 'address to listen on', defaultText: '127.0.0.1' },
  {
    name: 'allow-host',
    argument: '<names>',
    description: 'names by which it may be called besides its address, separated by commas',
    defaultText: 'localhost',
  },
  { name: 'seed', argument: '<n>', description: 'seed of answers and faults', defaultText: '1', parse: wholeNumber(0) },
  {
    name: 'latency-ms',
    argument: '<n>',
    description: 'time before each answer',
    defaultText: '0',
    parse: wholeNumber(0, MAX_MS),
  },
  { name: 'any-model', description: 'answer to model names that nothing is known of, instead of 404' },
  { name: 'rpm', argument: '<n>', description: 'requests a minute before 429', parse: wholeNumber(1) },
  { name: 'tpm', argument: '<n>', description: 'tokens a minute before 429', parse: wholeNumber(1) },
  {
    name: 'fault-rate',
    argument: '<0..1>',
    description: 'share of requests that get a fault',
    defaultText: '0',
    parse: share,
  },
  {
    name: 'faults',
    argument: '<kinds>',
    description: 'kinds of faults, separated by commas',
    defaultText: 'a realistic mix',
  },
  {
    name: 'scenario',
    argument: '<file>',
    description: 'JSON file with options and a script of faults and answers; flags go before it',
  },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];
