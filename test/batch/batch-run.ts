import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { BatchEvent } from '../../src/batch/batch-event.ts';
import { createBatchLane, type BatchLaneOptions } from '../../src/batch/batch-lane.ts';
import { startEmulator, type BatchOptions, type Emulator, type EmulatorOptions } from '../../src/emulator/index.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { memoryRows } from '../../src/records/memory-rows.ts';
import type { InputSource } from '../../src/records/input-source.ts';
import type { RunOptions } from '../../src/run/run-options.ts';
import { run } from '../../src/run/run.ts';
import type { RunSummary } from '../../src/run/session/run-in-directory.ts';
import type { AttemptEntry, RejectEntry, ResultEntry } from '../../src/store/entries.ts';
import { createVertexClient } from '../../src/vertex/client.ts';

export const receipt = defineExtraction({
  name: 'receipt',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ total: z.number().nullable().describe('As printed'), company: z.string() }),
  instructions: 'Extract the receipt.',
  prompt: '{{text}}',
  id: 'id',
  request: { maxTokens: 500 },
});

/** A source that can be read again, as a file can. */
export function records(count: number): InputSource {
  const rows = Array.from({ length: count }, (_, at) => ({
    id: `r${at}`,
    text: `Company: Shop ${at}\nTotal: ${at}.50`,
  }));
  return {
    name: `${count} receipts`,
    canReopen: true,
    identity: () => Promise.resolve({ count }),
    open: () =>
      Promise.resolve({ format: 'jsonl', columns: undefined, [Symbol.asyncIterator]: () => memoryRows(rows) }),
  };
}

/** A run by batch jobs against an emulator whose clock, and the run's, are moved by waiting. */
export class BatchRun {
  readonly emulator: Emulator;
  readonly out = mkdtempSync(join(tmpdir(), 'gleaner-batch-'));
  /** Milliseconds that were waited for, and passed at once. */
  waitedMs = 0;

  private constructor(emulator: Emulator) {
    this.emulator = emulator;
  }

  static async start(batch: BatchOptions = {}, options: EmulatorOptions = {}): Promise<BatchRun> {
    return new BatchRun(
      await startEmulator({ ...options, batch: { queueMs: 60_000, runMs: 60_000, cancelMs: 5000, ...batch } }),
    );
  }

  /** Lets time pass for the jobs. */
  pass(ms: number): void {
    this.waitedMs += ms;
    this.emulator.advance(ms);
  }

  /** One command. */
  async command(
    input: InputSource,
    lane: Partial<BatchLaneOptions> = {},
    options: Omit<Partial<RunOptions>, 'input'> = {},
    extraction: typeof receipt = receipt,
  ): Promise<RunSummary> {
    const { origin } = this.emulator;
    const client = createVertexClient({ baseUrl: this.emulator.baseUrl(), auth: { kind: 'token', token: 'any' } });
    const batch = createBatchLane({
      target: 'gs://bucket/night',
      project: 'emulated-project',
      location: 'global',
      credentials: { headers: () => Promise.resolve({ authorization: 'Bearer any' }), refresh: () => undefined },
      emulator: origin,
      clock: {
        now: () => Date.now() + this.waitedMs,
        elapsed: () => performance.now() + this.waitedMs,
        delay: (ms, signal) => {
          signal?.throwIfAborted();
          this.pass(ms);
          return Promise.resolve();
        },
      },
      backoff: { baseMs: 1 },
      ...lane,
    });
    try {
      return await run(extraction, { input, out: this.out, client, lane: batch, backoff: { baseMs: 1 }, ...options });
    } finally {
      await batch.close();
      await client.close();
    }
  }

  lines<Line>(name: string): Line[] {
    const text = readFileSync(join(this.out, name), 'utf8');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
  }

  get results(): ResultEntry[] {
    return this.lines('results.jsonl');
  }

  get rejects(): RejectEntry[] {
    return this.lines('rejects.jsonl');
  }

  get ledger(): AttemptEntry[] {
    return this.lines('attempts.jsonl');
  }

  get events(): BatchEvent[] {
    return this.lines('batches.jsonl');
  }

  /** Tokens that the emulator has billed, by the way of the calls. */
  get bill(): { batch: number; online: number } {
    const { tokens, undelivered, batch } = this.emulator.stats();
    return { batch: batch.tokens.total, online: tokens.total + undelivered.total };
  }

  close(): Promise<void> {
    return this.emulator.close();
  }
}
