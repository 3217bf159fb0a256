import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gleaner, noteDefinition, noteRecords, temporaryDirectory, writeFile } from './harness.ts';

test('the second night is compared with the first, also when the results of that are gone', async () => {
  const directory = temporaryDirectory();
  const definition = writeFile(directory, 'note.ts', noteDefinition);
  const [first, second] = [join(directory, 'runs/1'), join(directory, 'runs/2')];
  const run = (records: string, out: string, ...flags: string[]) =>
    gleaner(['run', definition, writeFile(directory, 'notes.jsonl', records), '--out', out, '--emulator', ...flags]);
  const alone = await run(noteRecords(30), first, '--compare-with', 'last');
  expect(alone.stderr).toContain('There is no finished run beside');
  const night = await run(noteRecords(33), second, '--compare-with', 'last');
  expect([night.code, night.stderr]).toEqual([0, expect.stringContaining('3 new, 0 changed, 0 gone, 30 the same')]);

  // The page says it in its first screen; a later run is compared there with the last one without being told to.
  const pageOf = (out: string): string => readFileSync(join(out, 'report.html'), 'utf8');
  expect(pageOf(first)).toContain('Not compared: no earlier finished run is known here');
  expect(pageOf(second)).toMatch(new RegExp(`No: nothing that needs a look beside <code><bdi>${first}</bdi>`));
  const third = join(directory, 'runs/3');
  const quiet = await run(noteRecords(80), third);
  expect([quiet.code, quiet.stderr]).toEqual([0, expect.not.stringContaining('beside')]);
  expect(pageOf(third)).toMatch(/<strong>Yes<\/strong>, beside .*80 records, before 33/s);
  expect((await gleaner(['report', third, '--html', join(directory, 'third.html')])).code).toBe(0);
  expect(readFileSync(join(directory, 'third.html'), 'utf8')).toBe(pageOf(third));

  const page = join(directory, 'page.html');
  const compare = (...flags: string[]) => gleaner(['compare', first, second, ...flags]);
  const { code, stdout } = await compare('--json', '--html', page, '--fail-on', 'fields,rejects,cost,model,records');
  expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ alarms: [] })]);
  expect(readFileSync(page, 'utf8')).toContain('Nothing that needs a look');

  // A night that stopped passes no gate, whatever it names; without one it is told.
  const stopped = join(directory, 'runs/4');
  expect((await run(noteRecords(33), stopped, '--max-total-tokens', '2000')).code).toBe(4);
  const part = await gleaner(['compare', second, stopped]);
  expect([part.code, part.stdout]).toEqual([
    0,
    expect.stringMatching(/! unfinished {2}this run has not finished \(stopped\): \d+ of 33 records ended/),
  ]);
  expect((await gleaner(['compare', second, stopped, '--fail-on', 'model'])).code).toBe(1);

  rmSync(join(first, 'results.jsonl'));
  const strict = await compare('--fail-on', 'records=1.05');
  expect(strict.stdout).toContain('! records   33 records, before 30');
  expect(strict.code).toBe(1);
  const mistaken = await compare('--fail-on', 'feilds');
  expect([mistaken.code, mistaken.stderr]).toEqual([2, expect.stringContaining('did you mean fields?')]);
});
