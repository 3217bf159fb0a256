import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const alias = [
  { find: /^gleaner\/evolution$/, replacement: new URL('src/evolution/index.ts', import.meta.url).pathname },
  { find: /^gleaner\/emulator$/, replacement: new URL('src/emulator/index.ts', import.meta.url).pathname },
  { find: /^gleaner$/, replacement: new URL('src/index.ts', import.meta.url).pathname },
];

/** What drives the built command, a browser or whole documents: slow, and run after a build. */
const wholePrograms = ['test/e2e/**/*.test.ts', 'test/docs/**/*.test.ts'];

/** What tries clients of other makers, where they are installed. */
const clients = ['test/clients/**/*.test.ts'];

/**
 * Rooms whose tests start processes, change this process or hold files: each file gets a process of its own. Those of
 * `early-stop`, `evolution/zod` and `init` make zod schemas at random, and a read-only `__proto__` among them freezes what all
 * objects inherit from.
 */
const apart = [
  'answer/early-stop',
  'cli',
  'evolution/zod',
  'extraction',
  'files',
  'init',
  'run',
  'store',
  'telemetry',
  'vertex',
].map((room) => `test/${room}/**/*.test.ts`);

export default defineConfig({
  test: {
    // Commands of whole processes on a busy machine take their time; no test asserts how long.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // vitest would leave one processor idle, which of two is half; tests of whole commands also wait for much.
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      {
        resolve: { alias },
        extends: true,
        // Loading the modules anew for every file costs more than the tests of the other rooms.
        test: {
          name: 'unit',
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: [...wholePrograms, ...clients, ...apart],
        },
      },
      {
        resolve: { alias },
        extends: true,
        test: { name: 'unit-apart', include: apart },
      },
      {
        resolve: { alias },
        extends: true,
        test: {
          name: 'e2e',
          include: wholePrograms,
          // The built command is loaded as Node loads it.
          server: { deps: { external: [/\/dist\//] } },
        },
      },
      { resolve: { alias }, extends: true, test: { name: 'clients', include: clients } },
    ],
  },
});
