import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const alias = [
  { find: /^gleaner\/evolution$/, replacement: new URL('src/evolution/index.ts', import.meta.url).pathname },
  { find: /^gleaner\/emulator$/, replacement: new URL('src/emulator/index.ts', import.meta.url).pathname },
  { find: /^gleaner$/, replacement: new URL('src/index.ts', import.meta.url).pathname },
];

/** What drives the built command, a browser or whole documents: slow, and run after a build. */
const wholePrograms = ['test/e2e/**/*.test.ts', 'test/docs/**/*.test.ts'];

/**
 * What starts other programs, such as Redis, git or a second process that is killed: slower than all other unit tests together, and
 * much of it waiting. Needs no built command.
 */
const otherPrograms = [
  'test/cli/commands/schema-{check-command,gate,replay-command}.test.ts',
  'test/cloud-storage/second-opinion.test.ts',
  'test/fleet/{fleet-worker,redis-server}.test.ts',
  'test/fleet/pool/{pool,pool-script,server-trouble}.test.ts',
  'test/store/lock/run-lock.test.ts',
  'test/telemetry/prometheus.test.ts',
];

/**
 * Laws of many random cases, minutes of simulated pacing, histories cut at every byte and records by the hundred thousand: a few files
 * that take as long as a third of all unit tests. They are apart so that the unit lane is short enough to be run after every change;
 * `npm test` and a run of their room try them all the same.
 */
const laws = [
  'test/batch/batch-{lane,media,reasks}.test.ts',
  'test/bigquery/export-to-table.test.ts',
  'test/cascade/drift.test.ts',
  'test/completion/stream-assembly.test.ts',
  'test/estimate/estimate-run.test.ts',
  'test/evidence/find-evidence.test.ts',
  'test/evolution/engine/{contains,laws,validate}.test.ts',
  'test/evolution/zod/zod-breaks.test.ts',
  'test/fleet/plan/chunk-law.test.ts',
  'test/fleet/pool/pool-interleavings.test.ts',
  'test/fleet/shards/merge-shards.test.ts',
  'test/json-schema/dialect/provider-schema.test.ts',
  'test/json-schema/normal-form.test.ts',
  'test/pacing/{pacer,request-rate,token-rate}.test.ts',
  'test/review/review-run.test.ts',
  'test/run/session/checkpoints.test.ts',
  'test/store/{answer-cache,recover}.test.ts',
  'test/vertex/stream-reader.test.ts',
];

/** Of tests that wait for other processes more than they work: run after all others, and one more of them at a time. */
const waiting = { maxWorkers: Math.max(2, availableParallelism()) + 2, sequence: { groupOrder: 1 } };

/** What tries clients of other makers, where they are installed. */
const clients = ['test/clients/**/*.test.ts'];

/**
 * Rooms whose tests change the process they are in, if only for a while: its directory, its environment, its signals. They share processes
 * with each other, and with nobody else.
 */
const worldly = ['cli', 'extraction', 'run', 'telemetry', 'vertex'].map((room) => `test/${room}/**/*.test.ts`);

/**
 * Rooms of which each test file gets a process of its own. Those of `files` and `store` put other modules in the place of Node's. Those of
 * `early-stop`, `evolution/zod` and `init` make zod schemas at random, and a read-only `__proto__` among them freezes what all
 * objects inherit from.
 */
const apart = ['answer/early-stop', 'evolution/zod', 'files', 'init', 'store'].map(
  (room) => `test/${room}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    // Commands of whole processes on a busy machine take their time; no test asserts how long.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: 'test/temporary-folder.ts',
    // One more than there are processors: most tests write files, and wait for them.
    maxWorkers: Math.max(2, availableParallelism()) + 1,
    // What was transformed for one lane, or in an earlier run, is not transformed again.
    experimental: { fsModuleCache: true },
    projects: [
      {
        resolve: { alias },
        extends: true,
        // Loading the modules anew for every file costs more than the tests of the other rooms.
        test: {
          name: 'unit',
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: [...wholePrograms, ...clients, ...otherPrograms, ...laws, ...worldly, ...apart],
        },
      },
      {
        resolve: { alias },
        extends: true,
        test: { name: 'unit-worldly', isolate: false, include: worldly, exclude: [...otherPrograms, ...laws] },
      },
      {
        resolve: { alias },
        extends: true,
        test: { name: 'unit-apart', include: apart, exclude: [...otherPrograms, ...laws] },
      },
      {
        resolve: { alias },
        extends: true,
        test: { name: 'programs', include: otherPrograms, ...waiting },
      },
      {
        resolve: { alias },
        extends: true,
        test: { name: 'laws', include: laws },
      },
      {
        resolve: { alias },
        extends: true,
        test: {
          name: 'e2e',
          include: wholePrograms,
          ...waiting,
          // The built command is loaded as Node loads it.
          server: { deps: { external: [/\/dist\//] } },
        },
      },
      { resolve: { alias }, extends: true, test: { name: 'clients', include: clients } },
    ],
  },
});
