import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { RunStatus } from '../../src/store/manifest.ts';

export interface RunParts {
  results?: readonly object[] | string;
  rejects?: readonly object[] | string;
  status?: RunStatus;
  /** JSON Schema of the results; runs of version 0.1 have none. */
  outputSchema?: object;
  /** Text of the CSV file that the run read. */
  input?: string;
}

/** A run directory as a run leaves it, as far as it is read back. */
export function runDirectory(parts: RunParts = {}): string {
  const { results = [], rejects = [], status = 'finished', outputSchema, input } = parts;
  const path = mkdtempSync(join(tmpdir(), 'gleaner-export-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const session = { startedAt: '2026-01-01T00:00:00.000Z', endedAt: '2026-01-01T01:00:00.000Z', status };
  const place = join(path, 'input.csv');
  if (input !== undefined) writeFileSync(place, input);
  const manifest = {
    version: 1,
    status,
    identity: {
      model: 'google/gemini',
      ...(input !== undefined && {
        id: 'id',
        format: 'csv',
        input: { sha256: hash('sha256', input), bytes: Buffer.byteLength(input) },
      }),
    },
    outputSchema,
    settings: input === undefined ? {} : { input: place },
    sessions: [session],
  };
  writeFileSync(join(path, 'run.json'), JSON.stringify(manifest));
  writeFileSync(join(path, 'results.jsonl'), linesOf(results));
  writeFileSync(join(path, 'rejects.jsonl'), linesOf(rejects));
  return path;
}

export function result(index: number, data: unknown, id = `r${index}`): object {
  return { id, index, data, attempts: 1, tokens: { total: 3 }, fingerprint: index.toString(16).padStart(32, '0') };
}

function linesOf(lines: readonly object[] | string): string {
  return typeof lines === 'string' ? lines : lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
