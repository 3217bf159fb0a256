import { oneOf, pick, type Flag } from '../flag.ts';
import { poolFlags } from './pool-flags.ts';

export const exportFlags = [
  {
    name: 'format',
    argument: '<name>',
    description: 'csv, jsonl, json, xlsx, parquet or sqlite',
    defaultText: "what the file's name says, else csv",
    parse: oneOf('csv', 'jsonl', 'json', 'xlsx', 'parquet', 'sqlite'),
  },
  {
    name: 'output',
    argument: '<file>',
    description: 'file to write, gs://bucket/name, or bq://project.dataset.table',
    defaultText: 'standard output',
  },
  { name: 'columns', argument: '<names>', description: 'columns to write, in this order, separated by commas' },
  {
    name: 'with-input',
    argument: '[columns]',
    description: 'columns of the input beside the results: all, or these, separated by commas',
  },
  { name: 'input', argument: '<file>', description: 'with --with-input: the input, where it has moved since' },
  {
    name: 'rows',
    argument: '<list>',
    description: 'one row for each member of this list, such as items, with the rest of the record beside it',
  },
  { name: 'include-rejects', description: 'rejected records, too, as rows without data, and why in error.code' },
  { name: 'rejects', description: 'the rejects instead of the results' },
  { name: 'bom', description: 'CSV: begin with a byte order mark, so that Excel takes it for UTF-8' },
  { name: 'raw', description: 'CSV: leave text that begins like a formula without the apostrophe that disarms it' },
  { name: 'debug', description: 'stack traces with errors' },
  {
    name: 'auth',
    argument: '<how>',
    description: 'with gs:// or bq://: adc, or env:NAME for a token in a variable',
    defaultText: 'adc',
  },
  {
    name: 'base-url',
    argument: '<url>',
    description: "with gs:// or bq://: the emulator's, in the place of Google's hosts",
  },
  {
    name: 'project',
    argument: '<id>',
    description: 'with bq://: the project that its jobs run in',
    defaultText: "GOOGLE_CLOUD_PROJECT, else the table's",
  },
] as const satisfies readonly Flag[];

export const reportFlags = [
  { name: 'json', description: 'usage.json as it is; of a run at work, what is settled so far' },
  {
    name: 'html',
    argument: '[file]',
    description: 'write the page again, of a run at work as it stands: report.html of the run, or another file',
  },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const statusFlags = [
  {
    name: 'pool',
    argument: '<url>',
    description: 'look at a pool that runs share, instead of a run: redis://[user@]host:port/0',
  },
  ...pick(poolFlags, ['pool-prefix', 'pool-wait-ms']),
  { name: 'follow', description: 'go on every two seconds until no session is at work' },
  { name: 'json', description: 'one JSON object a reading' },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const inspectFlags = [
  { name: 'input', argument: '<file>', description: 'the input of the run, where it has moved since' },
  { name: 'json', description: 'all of it as one JSON object' },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const compareFlags = [
  {
    name: 'fail-on',
    argument: '<list>',
    description: 'differences that exit with 1: any, or of fields, rejects, cost, latency, model, records; cost=1.5',
  },
  { name: 'html', argument: '<file>', description: 'write a page with every test' },
  { name: 'json', description: 'the comparison as JSON' },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const cacheRebuildFlags = [
  { name: 'cache', argument: '<file>', description: 'cache to fill; made when it is not there' },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const cacheInfoFlags = [
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];
