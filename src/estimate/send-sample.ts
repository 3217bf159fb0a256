import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TokenUsage } from '../completion/usage.ts';
import type { Extraction } from '../extraction/definition.ts';
import { readRejects, readResults } from '../export/read-run.ts';
import { GleanerError } from '../gleaner-error.ts';
import { isJsonObject } from '../json/value.ts';
import type { RunOptions } from '../run/run-options.ts';
import { run } from '../run/run.ts';
import type { RunSummary } from '../run/session/run-in-directory.ts';
import type { SampledRecord } from './survey-input.ts';

/** What came of a sample that was really sent. */
export interface SentSample {
  /** Tokens of every record, all its calls together, beside what its prompt was taken for. */
  usage: { roughPrompt: number; tokens: TokenUsage }[];
  rejects: { code: string; message: string }[];
  /** Fields that no answer filled. */
  emptyFields: string[];
  /** How many different answers there were. */
  distinctAnswers: number;
  summary: RunSummary;
}

/**
 * Asks for the records of a sample as a run does, in a directory that is thrown away. Their answers stay in the cache, so that a run with it
 * does not pay for them again.
 */
export async function sendSample(
  extraction: Extraction,
  sample: readonly SampledRecord[],
  options: Omit<RunOptions, 'input' | 'out'> & { cache: string },
): Promise<SentSample> {
  const place = await mkdtemp(join(tmpdir(), 'gleaner-estimate-'));
  const out = join(place, 'run');
  try {
    const summary = await run(extraction, { ...options, input: sample.map(({ fields }) => fields), out });
    const { status, reason } = summary;
    if (status !== 'finished') {
      throw new GleanerError(
        'run-refused',
        `Cannot send the sample: it ended early (${status}): ${reason ?? 'no reason is known'}`,
      );
    }
    const sent: SentSample = { usage: [], rejects: [], emptyFields: [], distinctAnswers: 0, summary };
    const answers = new Set<string>();
    const filledByField = new Map<string, boolean>();
    const roughOf = (index: number): number => sample[index]?.roughPrompt ?? 0;
    for await (const { index, tokens, data, reused } of readResults(extraction, out)) {
      if (reused !== true) sent.usage.push({ roughPrompt: roughOf(index), tokens });
      answers.add(JSON.stringify(data));
      if (!isJsonObject(data)) continue;
      for (const [name, value] of Object.entries(data)) {
        filledByField.set(name, filledByField.get(name) === true || isFilled(value));
      }
    }
    for await (const { index, tokens, error } of readRejects(out)) {
      sent.usage.push({ roughPrompt: roughOf(index), tokens });
      sent.rejects.push({ code: error.code, message: error.message });
    }
    sent.distinctAnswers = answers.size;
    sent.emptyFields = [...filledByField].filter(([, filled]) => !filled).map(([name]) => name);
    return sent;
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

function isFilled(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
