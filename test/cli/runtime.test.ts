import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const BIN = pathToFileURL(join(import.meta.dirname, '../../bin/gleaner.js')).href;

/** The command as it starts where the globals of another runtime are there. */
function startWith(globals: string): { status: number | null; stderr: string } {
  const script = `process.argv.push('--version'); ${globals}; await import(${JSON.stringify(BIN)});`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  return { status, stderr };
}

test('Bun is told at the start, with what to do', () => {
  const { status, stderr } = startWith("Object.defineProperty(process.versions, 'bun', { value: '1.4.5' })");
  expect(stderr).toMatch(/^error: gleaner needs Node\.js .* this is Bun.*bunx gleaner\n$/);
  expect(status).toBe(2);
});

test('a permission that Deno has not given is told at the start, with its flag', () => {
  const { status, stderr } = startWith("globalThis.Deno = { permissions: { querySync: () => ({ state: 'prompt' }) } }");
  expect(stderr).toMatch(/^error: gleaner needs .*--allow-sys=hostname.*\n$/);
  expect(status).toBe(2);
});
