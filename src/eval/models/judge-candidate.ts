import type { UsageReport } from '../../accounting/usage-report.ts';
import type { Extraction } from '../../extraction/definition.ts';
import type { JsonObject } from '../../json/value.ts';
import type { ComparedLeaf } from '../compare-record.ts';
import { comparatorsFor } from '../comparators-for.ts';
import { Evaluation } from '../evaluation.ts';
import { readAnswers } from '../read-answers.ts';
import { noCounts, type StatusCounts } from '../score-tally.ts';
import type { Candidate } from './compare-candidates.ts';
import type { Sample } from './sample-records.ts';

export interface JudgeOptions {
  name: string;
  model: string | null;
  extraction: Pick<Extraction, 'name' | 'schema' | 'evaluate'>;
  /** The run directory in which its answers are. */
  out: string;
  fields: readonly string[];
  usage: Pick<UsageReport, 'calls' | 'cost' | 'latencyMs'>;
}

/** Compares what one candidate's run answered with the gold of the sample. */
export async function judgeCandidate(
  { golds }: Sample,
  { name, model, extraction, out, fields, usage }: JudgeOptions,
): Promise<Candidate> {
  const answers = new Map<string, JsonObject>();
  const wanted = new Set(golds.map(({ id }) => id));
  for (const { id, data } of readAnswers(out)) if (wanted.has(id)) answers.set(id, data);
  const evaluation = new Evaluation({ fields, comparators: await comparatorsFor(extraction) });
  const records = golds.map(({ id, gold }) => {
    const answer = answers.get(id);
    const counts = countsOf(evaluation.add(id, gold, answer));
    return {
      ...counts,
      isRight: answer !== undefined && counts.mismatch + counts.omission + counts.hallucination === 0,
    };
  });
  const { calls, cost, latencyMs } = usage;
  // A directory may hold more than this sample, and answers of a cache cost nothing: what counts is the mean of records asked for.
  const asked = calls.byKind['first'] ?? 0;
  return {
    name,
    model,
    report: evaluation.report(),
    records,
    usd: cost.usd === null || asked === 0 ? null : (cost.usd / asked) * records.length,
    isLowerBound: cost.isLowerBound,
    latencyMs: { p50: latencyMs.p50, p90: latencyMs.p90 },
  };
}

function countsOf(leaves: readonly ComparedLeaf[]): StatusCounts {
  const counts = noCounts();
  for (const { status } of leaves) counts[status] += 1;
  return counts;
}
