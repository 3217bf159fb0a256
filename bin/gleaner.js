#!/usr/bin/env node
import { existsSync } from 'node:fs';

const entry = new URL('../dist/command/main.js', import.meta.url);
const problem = runtimeProblem();

if (problem !== undefined) {
  process.stderr.write(`error: ${problem}\n`);
  process.exitCode = 2;
} else if (existsSync(entry)) {
  // Reading maps takes time; the package has none.
  if (process.argv.includes('--debug')) process.setSourceMapsEnabled(true);
  const { runProcess } = await import(entry.href);
  // Not awaited: of a promise that never settles, gleaner's own guard can say more than Node does.
  void runProcess(process.argv.slice(2));
} else {
  process.stderr.write('error: gleaner is not built: run npm ci (or npm run build) first\n');
  process.exitCode = 2;
}

/** Why gleaner cannot work on what runs it; said before anything else is loaded, which would fail in words of its own. */
function runtimeProblem() {
  if (process.versions.bun !== undefined) {
    return 'gleaner needs Node.js 20.19 or newer, and this is Bun, whose own HTTP client stands in for the one that gleaner uses; run it without --bun, as in bunx gleaner';
  }
  const { Deno } = globalThis;
  const sys = Deno?.permissions.querySync({ name: 'sys', kind: 'hostname' }).state;
  if (sys !== undefined && sys !== 'granted') {
    return 'gleaner needs the name of this machine for the lock of a run directory; allow it with --allow-sys=hostname, or run it with -A';
  }
  return undefined;
}
