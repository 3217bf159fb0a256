import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { refusedPermission } from '../../src/cli/refused-permission.ts';

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

test('a permission that Deno refuses on the way is no defect, and no fault of the definition', () => {
  const error = Object.assign(new Error('Requires net access to "127.0.0.1:0", run again with the --allow-net flag'), {
    name: 'NotCapable',
  });
  expect(refusedPermission(error)).toBe(`gleaner may not do what it has to: ${error.message}`);
  expect(refusedPermission(new Error('Requires net access'))).toBeUndefined();
});

test.each([
  { lacks: 'sys', flag: '--allow-sys=hostname' },
  { lacks: 'read', flag: '--allow-read' },
  { lacks: 'env', flag: '--allow-env' },
])('the permission $lacks, which Deno has not given, is told at the start', ({ lacks, flag }) => {
  const query = `({ name }) => ({ state: name === '${lacks}' ? 'prompt' : 'granted' })`;
  const { status, stderr } = startWith(`globalThis.Deno = { permissions: { querySync: ${query} } }`);
  expect(stderr).toMatch(new RegExp(`^error: gleaner needs .*${flag}.*\\n$`));
  expect(status).toBe(2);
});
