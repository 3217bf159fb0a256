import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    alias: [
      { find: /^gleaner\/emulator$/, replacement: new URL('src/emulator/index.ts', import.meta.url).pathname },
      { find: /^gleaner$/, replacement: new URL('src/index.ts', import.meta.url).pathname },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // Commands of whole processes on a busy machine take their time; no test asserts how long.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
