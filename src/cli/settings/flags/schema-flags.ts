import { oneOf, wholeNumber, type Flag } from '../flag.ts';
import { debugFlag } from './run-flags.ts';

export const schemaShowFlags = [
  { name: 'provider', description: 'only the schema that the service is sent' },
  { name: 'debug', description: 'stack traces with errors' },
] as const satisfies readonly Flag[];

const snapshotsFlag = {
  name: 'snapshots',
  argument: '<dir>',
  description: 'folder of the snapshots',
  defaultText: 'schemas/snapshots',
} as const satisfies Flag;

const modeFlag = {
  name: 'mode',
  argument: '<name>',
  description:
    'what must hold: backward (stored results stay valid), forward (old readers accept new results), full, none',
  defaultText: "the definition's compatibility, else backward",
  parse: oneOf('backward', 'forward', 'full', 'none'),
} as const satisfies Flag;

export const readerFlag = {
  name: 'reader',
  argument: '<name>',
  description: 'who reads results: a validator of JSON Schema, or zod, which fills in defaults and drops unknown keys',
  defaultText: 'validator',
  parse: oneOf('validator', 'zod'),
} as const satisfies Flag;

export const budgetFlag = {
  name: 'budget',
  argument: '<steps>',
  description: 'most steps, of about a microsecond, for comparing two schemas; then what is undecided stays unknown',
  defaultText: '2000000',
  parse: wholeNumber(1),
} as const satisfies Flag;

export const reportFormatFlag = {
  name: 'format',
  argument: '<name>',
  description: 'text (on stderr); json, github, sarif, junit or markdown (on stdout)',
  defaultText: 'text',
  parse: oneOf('text', 'json', 'github', 'sarif', 'junit', 'markdown'),
} as const satisfies Flag;

const againstFlags = [
  {
    name: 'against',
    argument: '<what>',
    description: 'old schemas: snapshots, git:<ref>, git:merge-base:<ref>, a directory or a file',
    defaultText: 'snapshots',
  },
  { name: 'transitive', description: 'compare with every snapshot, not only the newest' },
] as const satisfies readonly Flag[];

/** What it takes to find definitions and what is kept of them. */
export const candidateFlags = [snapshotsFlag] as const satisfies readonly Flag[];

const unseenFlag = {
  name: 'unseen',
  argument: '<what>',
  description: 'what a refinement or transform that is new, edited or gone does, which no schema shows: note or fail',
  defaultText: 'note',
  parse: oneOf('note', 'fail'),
} as const satisfies Flag;

export const schemaLockFlags = [snapshotsFlag, debugFlag] as const satisfies readonly Flag[];

/** What it takes to compare definitions with what was before. */
export const comparingFlags = [
  ...againstFlags,
  modeFlag,
  readerFlag,
  budgetFlag,
  unseenFlag,
  snapshotsFlag,
] as const satisfies readonly Flag[];

export const schemaCheckFlags = [
  ...againstFlags,
  modeFlag,
  readerFlag,
  budgetFlag,
  reportFormatFlag,
  unseenFlag,
  { name: 'locked', description: 'fail, too, where the newest snapshot is not the definition as it stands' },
  snapshotsFlag,
  debugFlag,
] as const satisfies readonly Flag[];

export const schemaDiffFlags = [
  modeFlag,
  readerFlag,
  budgetFlag,
  reportFormatFlag,
  debugFlag,
] as const satisfies readonly Flag[];

export const schemaAcceptFlags = [
  { name: 'reason', argument: '<text>', description: 'why the break is right; it is committed with the acceptance' },
  { name: 'removed', description: 'accept that the definition of that name is gone' },
  ...againstFlags,
  modeFlag,
  readerFlag,
  unseenFlag,
  budgetFlag,
  snapshotsFlag,
  debugFlag,
] as const satisfies readonly Flag[];

export const schemaReplayFlags = [
  readerFlag,
  {
    name: 'format',
    argument: '<name>',
    description: 'text (on stderr) or json (on stdout)',
    defaultText: 'text',
    parse: oneOf('text', 'json'),
  },
  debugFlag,
] as const satisfies readonly Flag[];
