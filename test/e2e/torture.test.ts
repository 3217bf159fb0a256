import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { root } from './harness.ts';

interface Figures {
  kills: { kills: number; unsettled: number; paidAgain: number };
  ends: { struck: number };
  badInputs: { files: number };
  rivals: { started: number; moved: number };
  soak: { extracted: number; rejected: number };
  lost: number;
  doubled: number;
  bytesSearched: number;
  leaks: string[];
  problems: string[];
}

test(
  'a short torture: kills, rivals, bad inputs and a soak with faults lose nothing, double nothing and leak nothing',
  { timeout: 180_000 },
  async () => {
    const bounds = [
      '--seed',
      '4',
      '--kills',
      '4',
      '--records-kill',
      '300',
      '--ends',
      '1',
      '--rivals',
      '1',
      '--without-freeze',
      '--bad-inputs',
      '4',
      '--soak',
      '2000',
    ];
    const child = spawn(process.execPath, [join(root, 'torture/torture.mjs'), ...bounds, '--minutes', '2', '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGTERM'));
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(stderr).not.toContain('PROBLEM');
    expect(code).toBe(0);
    const figures = JSON.parse(stdout) as Figures;
    expect(figures).toMatchObject({ lost: 0, doubled: 0, leaks: [], problems: [], badInputs: { files: 4 } });
    expect(figures.kills.kills).toBe(4);
    expect(figures.ends.struck).toBeGreaterThan(0);
    expect(figures.rivals).toMatchObject({ rounds: 1, moved: 1 });
    expect(figures.soak.extracted + figures.soak.rejected).toBe(2000);
    expect(figures.bytesSearched).toBeGreaterThan(1_000_000);
  },
);
