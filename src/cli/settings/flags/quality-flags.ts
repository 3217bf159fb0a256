import { omit, oneOf, wholeNumber, type Flag } from '../flag.ts';
import { MAX_PORT } from './bounds.ts';
import { conductFlags } from './run-flags.ts';

export const evalFlags = [
  { name: 'by', argument: '<column>', description: "the gold's column with the ids of records", defaultText: 'id' },
  {
    name: 'fields',
    argument: '<names>',
    description: 'fields to compare, with commas',
    defaultText: 'all of the gold',
  },
  {
    name: 'definition',
    argument: '<file>',
    description: 'whose schema says how values are compared',
    defaultText: "the run's",
  },
  {
    name: 'fail-under',
    argument: '<list>',
    description: 'F1 that fields must reach, or exit 1: total=0.95,all=0.9; exact for whole records',
  },
  { name: 'html', argument: '<file>', description: 'write a page with the worst records side by side' },
  { name: 'json', description: 'the figures as JSON' },
  {
    name: 'models',
    argument: '<list>',
    description:
      'run the definition on a sample of the gold with each of these models, or definition files, and compare',
  },
  {
    name: 'input',
    argument: '<file>',
    description: 'with --models: the input records',
    defaultText: 'the gold itself',
  },
  {
    name: 'sample',
    argument: '<n>',
    description: 'with --models: most gold records to run',
    defaultText: '100',
    parse: wholeNumber(1),
  },
  {
    name: 'out',
    argument: '<dir>',
    description: 'with --models: directory of the run directories, one a model',
    defaultText: 'runs/eval-<name>',
  },
  {
    name: 'media-root',
    argument: '<dir>',
    description: 'with --models: directory below which files lie that records name',
    defaultText: "the input's",
  },
  // Every candidate names its own model, and how a run ends is not what is asked: these read as not given.
  ...(omit(conductFlags, ['model', 'min-records', 'max-reject-rate']) as readonly (typeof conductFlags)[number][]),
] as const satisfies readonly Flag[];

export const evidenceFlags = [
  { name: 'definition', argument: '<file>', description: 'definition to use', defaultText: "the run's" },
  { name: 'json', description: 'the rates as JSON' },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const reviewFlags = [
  {
    name: 'port',
    argument: '<n>',
    description: 'port of the page on this machine; 0 picks a free one',
    defaultText: '0',
    parse: wholeNumber(0, MAX_PORT),
  },
  { name: 'no-open', description: 'print the address only, and open no browser' },
  { name: 'input', argument: '<file>', description: 'the input of the run, where it has moved since' },
  { name: 'definition', argument: '<file>', description: 'definition to use', defaultText: "the run's" },
  { name: 'by', argument: '<name>', description: 'who reviews, for the labels', defaultText: "the system's user" },
  { name: 'html', argument: '<file>', description: 'write a page with a sample instead, for mail' },
  {
    name: 'export',
    argument: '<format>',
    description: 'write instead: gold (all that was accepted, for gleaner eval), or label-studio (a sample, as tasks)',
    parse: oneOf('gold', 'label-studio'),
  },
  { name: 'import', argument: '<file>', description: "take over labels from Label Studio's JSON export instead" },
  { name: 'output', argument: '<file>', description: 'file for --export', defaultText: 'standard output' },
  { name: 'take', argument: '<n>', description: 'records in a sample', defaultText: '50', parse: wholeNumber(1) },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

export const applyLabelsFlags = [
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];
