#!/usr/bin/env node
import { existsSync } from 'node:fs';

const entry = new URL('../dist/cli/main.js', import.meta.url);

if (existsSync(entry)) {
  const { runProcess } = await import(entry.href);
  // Not awaited: of a promise that never settles, gleaner's own guard can say more than Node does.
  void runProcess(process.argv.slice(2));
} else {
  process.stderr.write('error: gleaner is not built: run npm ci (or npm run build) first\n');
  process.exitCode = 2;
}
