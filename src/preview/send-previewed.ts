import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileResultEvidence } from '../evidence/result-evidence.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Extraction } from '../extraction/definition.ts';
import { readRejects, readResults } from '../export/read-run.ts';
import type { JsonObject } from '../json/value.ts';
import type { RunOptions } from '../run/run-options.ts';
import { run } from '../run/run.ts';
import type { RejectEntry, ResultEntry } from '../store/entries.ts';

/** A record as it was previewed. */
export interface PreviewedRecord {
  /** Rows without an id of their own are known by their number in the whole input. */
  id: string | null;
  fields: JsonObject;
}

export interface SentResult extends Pick<ResultEntry, 'id' | 'data' | 'tokens'> {
  /** Where its values stand in the record. */
  evidence: readonly Evidence[];
}

export interface SentRecords {
  results: SentResult[];
  rejects: Pick<RejectEntry, 'id' | 'error' | 'answer' | 'tokens'>[];
  /** US dollars for all of them; null where the price is not known. */
  usd: number | null;
}

/** Asks for some records as a run does, in a directory that is thrown away; with a cache the run that comes finds the answers there. */
export async function sendPreviewed(
  extraction: Extraction,
  records: readonly PreviewedRecord[],
  options: Omit<RunOptions, 'input' | 'out'>,
): Promise<SentRecords> {
  const place = await mkdtemp(join(tmpdir(), 'gleaner-preview-'));
  const out = join(place, 'run');
  try {
    const { cost } = await run(extraction, { ...options, input: records.map(({ fields }) => fields), out });
    const sent: SentRecords = { results: [], rejects: [], usd: cost.usd };
    const evidenceOf = await compileResultEvidence(extraction);
    for await (const { id, index, tokens, ...row } of readResults(extraction, out)) {
      const result = row as Pick<ResultEntry, 'data' | 'answer'>;
      const evidence = evidenceOf(result, { fields: records[index]?.fields ?? {} });
      sent.results.push({ id: records[index]?.id ?? id, data: result.data, tokens, evidence });
    }
    for await (const { id, index, error, answer, tokens } of readRejects(out))
      sent.rejects.push({ id: records[index]?.id ?? id, error, tokens, ...(answer === undefined ? {} : { answer }) });
    return sent;
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}
