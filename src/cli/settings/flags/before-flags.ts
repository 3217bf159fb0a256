import { listed, omit, pick, wholeNumber, type Flag } from '../flag.ts';
import { conductFlags, runFlags } from './run-flags.ts';
import { serviceFlags } from './service-flags.ts';

export const modelsFlags = [
  { name: 'json', description: 'all that is known as JSON, with every period of prices and its source' },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const previewFlags = [
  { name: 'id', argument: '<id>', description: 'the record with this id', defaultText: 'the first record' },
  { name: 'line', argument: '<n>', description: 'the record that begins on this line', parse: wholeNumber(1) },
  { name: 'sample', argument: '<n>', description: 'so many at random, the same ones each time', parse: wholeNumber(1) },
  {
    name: 'wire',
    description: 'the requests byte for byte, with their headers but for credentials, as the client would send them',
  },
  { name: 'send', description: 'send these records, and print what comes of them, and where it stands in the record' },
  {
    name: 'cache',
    argument: '<file>',
    description: 'with --send: keep the answers, so that a run with it does not pay again',
  },
  { name: 'json', description: 'one JSON object a record, with the body of its request' },
  { name: 'emulator', description: 'start the embedded emulator and use it; no account, no cost' },
  ...pick(runFlags, ['format', 'delimiter', 'encoding', 'fill-short-rows', 'media-root', 'id-field', 'prices']),
  ...serviceFlags,
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const estimateFlags = [
  {
    name: 'model',
    argument: '<name>',
    description: 'model; several times, or with commas, to estimate each of them',
    defaultText: "the definition's",
    parse: listed,
  },
  {
    name: 'sample',
    argument: '<n>',
    description: 'send so many records at random, the same ones each time, and reckon with what they take',
    parse: wholeNumber(1),
  },
  {
    name: 'cache',
    argument: '<file>',
    description:
      'answers shared between runs: what is carried over is not counted, and answers of the sample are kept there',
    defaultText: 'none; gleaner-answers.db with --sample',
  },
  {
    name: 'out',
    argument: '<dir>',
    description: 'the directory of a run that would go on with --accept-changes: what it holds is not counted',
  },
  {
    name: 'compare-with',
    argument: '<dir>',
    description: 'a run of another night, to tell changed records from new ones',
    defaultText: 'that of --out',
  },
  { name: 'json', description: 'one JSON object a model' },
  { name: 'emulator', description: 'start the embedded emulator and use it; no account, no cost' },
  ...pick(runFlags, [
    'format',
    'delimiter',
    'encoding',
    'fill-short-rows',
    'media-root',
    'id-field',
    'limit',
    'prices',
  ]),
  ...pick(conductFlags, ['concurrency', 'rpm', 'tpm', 'max-attempts', 'max-reasks', 'max-cost']),
  ...omit(serviceFlags, ['model']),
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const initFlags = [
  {
    name: 'name',
    argument: '<name>',
    description: 'name of the definition, which becomes schemas/<name>.ts',
    defaultText: "the file's",
  },
  {
    name: 'fields',
    argument: '<list>',
    description: 'what to extract: "company, total: number?, date: date, items[]: {name, price: number}"',
    defaultText: 'guessed from the data',
  },
  { name: 'from', argument: '<file>', description: 'JSON Schema to take the fields from instead' },
  { name: 'text', argument: '<columns>', description: 'columns that the model reads', defaultText: 'guessed' },
  { name: 'id-field', argument: '<column>', description: 'column that holds the ids', defaultText: 'guessed' },
  { name: 'model', argument: '<name>', description: 'model to ask', defaultText: 'google/gemini-3.5-flash-lite' },
  { name: 'yes', description: 'ask nothing in a terminal either: take what is guessed' },
  ...pick(runFlags, ['format', 'delimiter', 'encoding', 'fill-short-rows']),
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const doctorFlags = [
  { name: 'send', description: 'make one small call to the model as well, for a fraction of a cent' },
  { name: 'emulator', description: 'look at the embedded emulator instead of the service' },
  {
    name: 'batch',
    argument: '<place>',
    description:
      'look at what runs by batch jobs need at this place, gs:// or bq://; with --send a job of one line is made and cancelled',
  },
  {
    name: 'table',
    argument: '<bq://...>',
    description: 'look at what reading and writing this table needs, and how many bytes reading it is',
  },
  ...serviceFlags,
  { name: 'json', description: 'the checks as one JSON object' },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

/** None of its own: what it prints is made from the commands. */
export const completionFlags = [
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const profileFlag = {
  name: 'profile',
  argument: '<name>',
  description: 'profile of the project file, such as nightly',
} as const satisfies Flag;

export const configFlags = [
  profileFlag,
  { name: 'json', description: 'the settings as JSON, with the profiles there are' },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];
