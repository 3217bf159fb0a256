import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startEmulator } from '../../src/emulator/index.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Runs the program that kills itself, or, with 0, comes to its end. */
function attempt(out: string, origin: string, events: number, commits: number, target: string): Promise<string | null> {
  const program = join(ROOT, 'test', 'batch', 'killed-run.mjs');
  const given = [join(ROOT, 'dist'), out, origin, String(events), String(commits), target];
  const child = spawn(process.execPath, [program, ...given]);
  return new Promise((resolve) => child.once('close', (_code, signal) => resolve(signal)));
}

it.each(['gs://bucket/night', 'bq://my-project.shop'])(
  'loses and doubles nothing when it is killed after any event of a job, or between two lines, with its lines in %s',
  async (target) => {
    const emulator = await startEmulator({
      batch: {
        faults: [
          { kind: 'missing-line', jobs: [1] },
          { kind: 'key-dropped', jobs: [2], share: 0.5 },
        ],
      },
      script: [{ contains: 'Shop 3', fault: 'schema-violation' }],
    });
    await fetch(`${emulator.origin}/bigquery/v2/projects/my-project/datasets`, {
      method: 'POST',
      headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
      body: JSON.stringify({ datasetReference: { datasetId: 'shop' } }),
    });
    const out = mkdtempSync(join(tmpdir(), 'gleaner-batch-kill-'));
    let kills = 0;
    // Each session gets one event further than the one before it, until one comes to its end.
    for (let session = 0; session < 60; session += 1) {
      const signal = await attempt(out, emulator.origin, session % 3 === 2 ? 5 : 3, 9, target);
      if (signal !== 'SIGKILL') break;
      kills += 1;
    }
    await attempt(out, emulator.origin, 0, 0, target);
    const lines = (name: string) =>
      readFileSync(join(out, name), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map(
          (line) =>
            JSON.parse(line) as {
              id: string;
              index: number;
              via?: string;
              outcome?: string;
              tokens: { total: number };
            },
        );
    const ids = lines('results.jsonl').map(({ id }) => id);
    expect(kills).toBeGreaterThan(5);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(60);
    const { tokens, undelivered, batch } = emulator.stats();
    const ledger = lines('attempts.jsonl');
    const sum = (isBatch: boolean): number =>
      ledger.filter(({ via }) => (via === 'batch') === isBatch).reduce((total, entry) => total + entry.tokens.total, 0);
    expect(sum(true)).toBe(batch.tokens.total);
    // A call that was under way online when the process was killed is in the ledger as one of which nobody knows the cost.
    const unsettled = ledger.filter(({ outcome }) => outcome === 'unsettled').length;
    if (unsettled === 0) expect(sum(false)).toBe(tokens.total + undelivered.total);
    else expect(sum(false)).toBeLessThanOrEqual(tokens.total + undelivered.total);
    const jobs = new Set(readFileSync(join(out, 'batches.jsonl'), 'utf8').match(/batchPredictionJobs\/\d+/g));
    expect(jobs.size).toBe(batch.jobs);
    await emulator.close();
  },
);
