import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEmulator, type Emulator } from 'gleaner/emulator';
import { absence, installedFolder } from './installed.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ script: [{ contains: 'Too much', fault: 'status-429-array', times: 'all' }] });
});
afterAll(() => emulator.close());

/** Each program asserts what it expects, and prints how it ended. */
async function run(program: string, folder: string): Promise<string> {
  const path = fileURLToPath(new URL(`python/${program}.py`, import.meta.url));
  const env = { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' };
  const { stdout } = await promisify(execFile)('python3', [path, emulator.baseUrl()], { env });
  return stdout.trim();
}

interface Client {
  name: string;
  program: string;
  says: string;
}

const clients: Record<'python-requirements' | 'python-requirements-instructor', Client[]> = {
  'python-requirements': [
    { name: 'openai 3', program: 'try_openai', says: 'ok' },
    { name: 'langchain-openai 1', program: 'try_langchain', says: 'ok, but it loses thought signatures' },
    { name: 'pydantic-ai 2', program: 'try_pydantic_ai', says: 'ok' },
  ],
  'python-requirements-instructor': [{ name: 'instructor 1', program: 'try_instructor', says: 'ok' }],
};

for (const list of ['python-requirements', 'python-requirements-instructor'] as const) {
  const folder = installedFolder(list);
  describe.skipIf(folder === undefined)(`Python${absence(folder)}`, () => {
    test.each(clients[list])('$name gets its answers', async ({ program, says }) => {
      expect(await run(program, folder ?? '')).toBe(says);
    });
  });
}
