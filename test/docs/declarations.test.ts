import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const directory = mkdtempSync(join(tmpdir(), 'gleaner-types-'));
afterAll(() => rmSync(directory, { recursive: true }));

const program = `
import { createVertexClient, extract, readResults, run, type ByteStream, type Extraction } from '${ROOT}/dist/index.js';
import { startEmulator } from '${ROOT}/dist/emulator/index.js';
import { compareSchemas } from '${ROOT}/dist/evolution/index.js';

declare const receipt: Extraction;
declare const stdin: ByteStream;
const emulator = await startEmulator();
const client = createVertexClient({ baseUrl: emulator.origin });
await run(receipt, { input: '-', format: 'jsonl', stdin, out: 'runs/a', client });
for await (const outcome of extract(receipt, [], { client })) console.log(outcome.status);
for await (const row of readResults(receipt, 'runs/a')) console.log(row.id);
console.log(compareSchemas({}, {}).backward.verdict);
`;

test('a strict program without the types of Node compiles against what is published', { timeout: 60_000 }, () => {
  writeFileSync(join(directory, 'program.mts'), program);
  const compilerOptions = {
    strict: true,
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023', 'dom'],
    types: [],
    noEmit: true,
    skipLibCheck: false,
  };
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.mts'] }));
  const compile = (): string => {
    try {
      const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
      return execFileSync(process.execPath, [tsc, '-p', directory], { encoding: 'utf8' });
    } catch (error) {
      return String((error as { stdout?: unknown }).stdout);
    }
  };
  expect(compile()).toBe('');
});
