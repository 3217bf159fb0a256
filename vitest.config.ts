import { defineConfig } from 'vitest/config';

const alias = [
  { find: /^gleaner\/emulator$/, replacement: new URL('src/emulator/index.ts', import.meta.url).pathname },
  { find: /^gleaner$/, replacement: new URL('src/index.ts', import.meta.url).pathname },
];

/** What drives the built command, a browser or whole documents: slow, and run after a build. */
const wholePrograms = ['test/e2e/**/*.test.ts', 'test/docs/**/*.test.ts'];

/** What tries clients of other makers, where they are installed. */
const clients = ['test/clients/**/*.test.ts'];

export default defineConfig({
  test: {
    // Commands of whole processes on a busy machine take their time; no test asserts how long.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        resolve: { alias },
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: [...wholePrograms, ...clients] },
      },
      { resolve: { alias }, extends: true, test: { name: 'e2e', include: wholePrograms } },
      { resolve: { alias }, extends: true, test: { name: 'clients', include: clients } },
    ],
  },
});
