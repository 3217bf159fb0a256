import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { gleaner, noteDefinition, noteRecords, temporaryDirectory, writeFile } from './harness.ts';

/** Takes notices, and what was sent in them. */
async function hook(): Promise<{ url: string; bodies: unknown[] }> {
  const bodies: unknown[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      bodies.push(JSON.parse(text));
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret`, bodies };
}

test('a run is told to a file of metrics, a hook and the page of a CI job', async () => {
  const directory = temporaryDirectory();
  writeFile(directory, 'note.ts', noteDefinition);
  writeFile(directory, 'notes.jsonl', noteRecords(3));
  const { url, bodies } = await hook();
  const command = ['run', 'note.ts', 'notes.jsonl', '--out', 'runs/tonight', '--emulator'];
  const flags = ['--metrics-file', 'note.prom', '--metrics-port', '0', '--notify', url, '--summary', 'markdown'];
  const told = await gleaner([...command, ...flags], { cwd: directory });
  expect(told.code).toBe(0);
  expect(told.stderr).toMatch(/Metrics are at http:\/\/127\.0\.0\.1:\d+\/metrics/);
  expect(told.stderr).not.toContain('secret');
  expect(readFileSync(join(directory, 'note.prom'), 'utf8')).toContain(
    'gleaner_records_total{extraction="note",status="extracted"} 3',
  );
  expect(bodies).toEqual([expect.objectContaining({ event: 'run-end', exitCode: 0, extraction: 'note' })]);
  expect(told.stdout).toContain('### ✅ note: finished (exit 0)');

  const page = writeFile(directory, 'page.md', '# Before\n');
  const refused = await gleaner(['run', 'note.ts', 'nowhere.jsonl', '--out', 'runs/other', '--emulator', ...flags], {
    cwd: directory,
    env: { GITHUB_STEP_SUMMARY: page },
  });
  expect([refused.code, refused.stdout]).toEqual([2, '']);
  expect(readFileSync(page, 'utf8')).toMatch(/^# Before\n### ❌ note: not run \(exit 2\)\n\n> /);
  expect(bodies.at(-1)).toMatchObject({ status: 'error', exitCode: 2 });
  expect(readFileSync(join(directory, 'note.prom'), 'utf8')).toContain('gleaner_run_exit_code{extraction="note"} 2');
});
