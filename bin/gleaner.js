#!/usr/bin/env node
import { existsSync } from 'node:fs';

const entry = new URL('../dist/command/main.js', import.meta.url);
/** What Deno grants only when asked, and gleaner needs before it knows what it is to do. */
const DENO_NEEDS = [
  {
    permission: { name: 'sys', kind: 'hostname' },
    what: 'the name of this machine for the lock of a run directory',
    flag: '--allow-sys=hostname',
  },
  {
    permission: { name: 'read', path: entry },
    what: 'to read its own files, definitions and inputs',
    flag: '--allow-read',
  },
  { permission: { name: 'env' }, what: 'to see its settings in the environment', flag: '--allow-env' },
];
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
  const lacking = DENO_NEEDS.find(({ permission }) => isRefused(permission));
  if (lacking !== undefined) {
    return `gleaner needs ${lacking.what}; allow it with ${lacking.flag}, or run it with -A`;
  }
  return undefined;
}

/** Whether Deno runs this, and has not granted a permission. */
function isRefused(permission) {
  const status = globalThis.Deno?.permissions.querySync(permission);
  return status !== undefined && status.state !== 'granted';
}
