// Shows a run by batch jobs with a deadline, against the emulator: no account, no cost.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator } from '../dist/emulator/index.js';

const out = 'runs/demo-batch';
rmSync(out, { recursive: true, force: true });
// A job of a day, on a clock that this script moves.
const DAY_MS = 24 * 3_600_000;
const emulator = await startEmulator({ batch: { queueMs: 0, runMs: DAY_MS, cancelMs: 0 } });

/** Runs the command as a shell would, and shows it. */
async function gleaner(...args) {
  console.log(`\n$ gleaner ${args.filter((_, at) => at < 3).join(' ')} --out ${out} ${args.slice(3).join(' ')}`);
  const all = [...args, '--out', out, '--base-url', emulator.baseUrl(), '--auth', 'env:DEMO_TOKEN'];
  const child = spawn(process.execPath, ['bin/gleaner.js', ...all], {
    stdio: 'inherit',
    env: { ...process.env, DEMO_TOKEN: 'any' },
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  console.log(`exit code ${code}`);
  return code;
}

const command = ['run', 'receipt', 'fixtures/receipts.csv', '--batch', 'gs://bucket/nightly', '--online-after', '10s'];
await gleaner(...command);
console.log('\nThe job is at work; the same command finds nothing to collect yet.');
await gleaner(...command);
console.log('\nHalf of the job is done when the deadline passes.');
emulator.advance(DAY_MS / 2);
await sleep(10_000);
const code = await gleaner(...command);

const usage = JSON.parse(readFileSync(`${out}/usage.json`, 'utf8'));
const { tokens, batch } = emulator.stats();
console.log('\nusage.json says of the two ways:', JSON.stringify(usage.batch, null, 2));
console.log(
  `tokens in the ledger: ${usage.tokens.total}; on the bill: ${batch.tokens.total} by batch + ${tokens.total} online`,
);
await emulator.close();
process.exitCode = code === 0 && usage.tokens.total === batch.tokens.total + tokens.total ? 0 : 1;
