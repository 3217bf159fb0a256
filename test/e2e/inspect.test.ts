import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { gleaner, noteDefinition, noteRecords, temporaryDirectory, writeFile } from './harness.ts';

test('inspect shows the row of the input, and says why where there is none to show', async () => {
  const cwd = temporaryDirectory();
  writeFile(cwd, 'note.ts', noteDefinition);
  const input = writeFile(cwd, 'notes.jsonl', noteRecords(3));
  await gleaner(['run', './note.ts', 'notes.jsonl', '--out', 'run', '--emulator'], { cwd });
  const { stdout } = await gleaner(['inspect', 'run', 'note-1'], { cwd });
  expect(stdout).toContain('--- input, line 2\n{\n  "id": "note-1",');
  const json = JSON.parse((await gleaner(['inspect', 'run', 'note-1', '--json'], { cwd })).stdout) as object;
  expect(json).toMatchObject({ state: 'extracted', input: { line: 2, fields: { id: 'note-1' } } });

  writeFileSync(input, noteRecords(2));
  const changed = await gleaner(['inspect', 'run', 'note-1'], { cwd });
  expect(changed.code).toBe(0);
  expect(changed.stdout).toContain('input: not shown: ');
  expect(changed.stdout).toContain('it has other contents than the run read');
});
