import { rmSync, watch } from 'node:fs';
import { join } from 'node:path';
import { checkRun } from './check-run.mjs';
import { writeRecords } from './records.mjs';
import { startService } from './service.mjs';
import { runArguments, startSession } from './session.mjs';

/** What a session writes at its end, in this order. */
export const endingFiles = [
  'profile.json',
  'usage.json.tmp',
  'usage.json',
  'report.html.tmp',
  'report.html',
  'run.json.tmp',
];

const RECORDS = 40;

/**
 * Kills a session at the sign of each file that it writes at its end, in a directory that holds the reports of an earlier end. The same
 * command has to put right whatever the kill left: no file may go on telling of the earlier end.
 */
export async function killedEnds({ directory, ends, seed, random, deadline, search, say }) {
  const service = await startService({ seed, latencyMs: { min: 1, max: 4 }, keepRequests: 0 });
  const sum = { ends: 0, struck: 0, lost: 0, doubled: 0, problems: [] };
  try {
    for (; sum.ends < ends && Date.now() < deadline; sum.ends += 1) {
      const out = join(directory, `end-${sum.ends + 1}`);
      const input = `${out}.jsonl`;
      await writeRecords(input, RECORDS, sum.ends);
      const args = runArguments(input, out, service.baseUrl, ['--concurrency', '8']);
      const start = (more = []) => startSession([...args, ...more], { cwd: directory });
      const problems = [];
      const earlier = await start(['--limit', String(RECORDS / 2)]).ended;
      if (earlier.code !== 0)
        problems.push(`The first half ended with ${earlier.code}: ${earlier.printed.slice(-500)}`);
      const file = endingFiles[sum.ends % endingFiles.length];
      if (await killAtSign(start(), out, file, random.below(3))) sum.struck += 1;
      const { code, printed } = await start().ended;
      search.text(`the output of a session after the kill at ${file}`, printed);
      if (code !== 0) problems.push(`The same command once more ended with ${code}: ${printed.slice(-500)}`);
      const run = checkRun(out, RECORDS);
      problems.push(...run.problems);
      sum.lost += run.lost;
      sum.doubled += run.doubled;
      search.directory(out);
      sum.problems.push(...problems.map((problem) => `${out}, killed at ${file}: ${problem}`));
      if (problems.length === 0) rmSync(out, { recursive: true, force: true });
    }
    say(`${sum.struck} of ${sum.ends} sessions killed while they ended`);
  } finally {
    await service.stop();
  }
  return sum;
}

/** Whether the kill came before the session had ended. */
async function killAtSign({ child, ended }, out, file, afterMs) {
  let hasWorked = false;
  const watcher = watch(out, (_event, name) => {
    // A file of the same name is written when a session starts.
    if (name === 'results.jsonl') hasWorked = true;
    if (name !== file || !hasWorked) return;
    if (afterMs === 0) child.kill('SIGKILL');
    else setTimeout(() => child.kill('SIGKILL'), afterMs);
  });
  const { signal } = await ended;
  watcher.close();
  return signal === 'SIGKILL';
}
