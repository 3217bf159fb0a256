import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Extraction } from '../extraction/definition.ts';
import { readRejects, readResults } from '../export/read-run.ts';
import type { JsonObject } from '../json/value.ts';
import type { RunOptions } from '../run/run-options.ts';
import { run } from '../run/run.ts';
import type { RejectEntry, ResultEntry } from '../store/entries.ts';

export interface SentRecords {
  results: Pick<ResultEntry, 'id' | 'data' | 'tokens'>[];
  rejects: Pick<RejectEntry, 'id' | 'error' | 'answer' | 'tokens'>[];
  /** US dollars for all of them; null where the price is not known. */
  usd: number | null;
}

/** Asks for some records as a run does, in a directory that is thrown away; with a cache the run that comes finds the answers there. */
export async function sendPreviewed(
  extraction: Extraction,
  records: readonly JsonObject[],
  options: Omit<RunOptions, 'input' | 'out'>,
): Promise<SentRecords> {
  const place = await mkdtemp(join(tmpdir(), 'gleaner-preview-'));
  const out = join(place, 'run');
  try {
    const { cost } = await run(extraction, { ...options, input: [...records], out });
    const sent: SentRecords = { results: [], rejects: [], usd: cost.usd };
    for await (const { id, data, tokens } of readResults(extraction, out))
      sent.results.push({ id, data: data as ResultEntry['data'], tokens });
    for await (const { id, error, answer, tokens } of readRejects(out))
      sent.rejects.push({ id, error, tokens, ...(answer === undefined ? {} : { answer }) });
    return sent;
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}
