import type { PriceRowInput } from '../accounting/price-file.ts';
import { Prices } from '../accounting/prices.ts';
import { LONGEST_BATCH_WAIT } from '../batch/longest-wait.ts';
import type { CompletionClient } from '../completion/client.ts';
import { strategyIdentity } from '../extraction/strategy-identity.ts';
import type { RequestSettings } from '../extraction/definition.ts';
import type { Extraction } from '../extraction/definition.ts';
import { findRun } from '../export/find-run.ts';
import { readPlacedJsonLines } from '../files/read-json-lines.ts';
import { rulesOf } from '../models/registry.ts';
import type { OpenRecordsOptions } from '../records/open-records.ts';
import { prepareExtraction, type PreparedExtraction } from '../run/prepare-extraction.ts';
import { mediaRootOf } from '../run/record/media-root.ts';
import type { RunOptions } from '../run/run-options.ts';
import { modelNotices } from '../accounting/model-notices.ts';
import { rejectAdvice } from '../run/session/reject-advice.ts';
import { HashedIdSet } from '../store/hashed-id-set.ts';
import { answerLength } from './answer-length.ts';
import { openKeptAnswers } from './kept-answers.ts';
import {
  reckonCost,
  reckonTime,
  roughTokens,
  roundSpan,
  sampledTokens,
  totalTokens,
  type RecordTokens,
} from './reckon.ts';
import { sendSample, type SentSample } from './send-sample.ts';
import { addSpans, mapSpan, type Span } from './span.ts';
import { surveyInput, type Survey } from './survey-input.ts';

export interface EstimateOptions {
  input: string;
  /** Default: the definition's. */
  model?: string | null;
  /** Says whose requests these are; it is called only for a sample. */
  client: CompletionClient | Pick<CompletionClient, 'service' | 'identify' | 'additions'>;
  /** Answers of earlier runs, which are carried over; the answers of a sample are put into it. */
  cache?: string;
  /** Records to send really, at random; needs a client that can be called, and a cache. Default 0. */
  sample?: number;
  /** The same seed takes the same records of the same input. Default 1. */
  seed?: number;
  /** The directory of a run that would be continued, its changes accepted: what it holds is carried over. */
  out?: string;
  /** A run of another night, which tells changed records from new ones. Default: `out`. */
  compareWith?: string;
  limit?: number;
  idField?: string;
  mediaRoot?: string;
  prices?: readonly PriceRowInput[];
  reading?: OpenRecordsOptions;
  /** Default 16. */
  concurrency?: number;
  requestsPerMinute?: number;
  tokensPerMinute?: number;
  /** Passed on to the run over the sample. */
  sampleOptions?: Pick<
    RunOptions,
    'maxAttempts' | 'maxReasks' | 'maxCostUsd' | 'maxTotalTokens' | 'signal' | 'onNotice'
  >;
}

/** What a run would ask for, cost and take. Ranges, since none of it is known before. */
export interface Estimate {
  extraction: string;
  model: string | null;
  /** Records to be asked for. */
  records: number;
  input: { read: number; new: number; changed: number; carriedOver: number; unusable: number };
  tokens: Span;
  /** US dollars; null where the price of the model is not known. */
  usd: Span | null;
  /** At the pace that was given. */
  seconds: Span;
  /** The same through batch jobs, and at the other consumption options. */
  batchUsd: Span | null;
  /** The longest that batch jobs take; null where their price is not known. */
  batchWait: { queueHours: number; workHours: number } | null;
  flexUsd: Span | null;
  priorityUsd: Span | null;
  /** With the fixed beginning of the prompts out of a cache; null where it is too short for one, or the price is not known. */
  cachedUsd: Span | null;
  /** Null where nothing was sent. */
  sample: { sent: number; rejected: number; usd: number | null; latencyMs: number } | null;
  /** What the definition, or the sample, makes one expect, with what helps. */
  advice: string[];
}

const DEFAULT_CONCURRENCY = 16;
/** Nobody knows before the first call. */
const ROUGH_LATENCY_MS: Span = { low: 700, expected: 2000, high: 8000 };
/** Thinking that nobody bounded. */
const THINKING: Span = { low: 0, expected: 400, high: 4000 };
/** The shortest beginning that Gemini caches by itself, from its third generation on and before. */
const LEAST_CACHED_PREFIX = 4096;
const LEAST_CACHED_PREFIX_BEFORE = 2048;

/**
 * Estimates what a run over an input would cost and take. Reads the whole input once; sends nothing, or a sample whose answers are kept.
 *
 * @throws {GleanerError} when the definition does not fit the input, the input cannot be read, or the sample cannot be sent
 */
export async function estimateRun(extraction: Extraction, options: EstimateOptions): Promise<Estimate> {
  const { client, sample = 0 } = options;
  const prepared = await prepareExtraction(extraction, options);
  const survey = await surveyed(prepared, options);
  const sent = sample > 0 && survey.sample.length > 0 ? await sampleOf(extraction, survey, options) : undefined;
  const meanPrompt = survey.roughPrompt / Math.max(1, survey.toAsk);
  const tokens =
    sent === undefined || sent.usage.length === 0
      ? roughTokens(meanPrompt, answerOf(prepared, extraction.request))
      : sampledTokens(meanPrompt, sent);
  const { toAsk: records } = survey;
  const { model } = prepared;
  const row = model === undefined ? undefined : new Prices({ own: options.prices, model }).find(model);
  const usual = client.additions?.trafficTypes?.[0];
  const cost = (changes: Parameters<typeof reckonCost>[3]): Span | null =>
    row === undefined ? null : roundSpan(reckonCost(tokens, records, row, changes), 6);
  const least = model?.includes('gemini-2') === true ? LEAST_CACHED_PREFIX_BEFORE : LEAST_CACHED_PREFIX;
  const canCache = survey.fixedPrompt >= least;
  return {
    extraction: extraction.name,
    model: model ?? null,
    records,
    input: {
      read: survey.read,
      new: records - survey.changed,
      changed: survey.changed,
      carriedOver: survey.carriedOver,
      unusable: survey.unusable,
    },
    tokens: totalTokens(tokens, records),
    usd: cost(usual === undefined ? {} : { trafficType: usual }),
    seconds: timeOf(tokens, records, sent, options),
    batchUsd: cost({ batch: true }),
    batchWait: row === undefined ? null : LONGEST_BATCH_WAIT,
    flexUsd: cost({ trafficType: 'ON_DEMAND_FLEX' }),
    priorityUsd: cost({ trafficType: 'ON_DEMAND_PRIORITY' }),
    cachedUsd: canCache ? cost({ cachedPrefix: survey.fixedPrompt }) : null,
    sample:
      sent === undefined
        ? null
        : {
            sent: sent.usage.length,
            rejected: sent.rejects.length,
            usd: sent.summary.cost.usd,
            latencyMs: sent.summary.latencyMs.p50,
          },
    advice: [
      ...(model === undefined ? [] : modelNotices(model, row !== undefined)),
      ...prepared.warnings,
      ...prepared.derived.warnings,
      ...(sent === undefined ? severalCalls(extraction) : adviceOf(sent)),
    ],
  };
}

async function surveyed(prepared: PreparedExtraction, options: EstimateOptions): Promise<Survey> {
  const { input, reading, limit, out, mediaRoot, sample = 0, seed, compareWith = out } = options;
  const before = compareWith === undefined ? undefined : idsOf(compareWith);
  const kept = await openKeptAnswers(prepared, { ...options, mediaRoot: mediaRootOf(mediaRoot, input) });
  try {
    return await surveyInput(prepared, {
      input,
      reading,
      limit,
      carriesOver: kept?.carriesOver,
      wasThere: before === undefined ? undefined : (id) => before.has(id),
      sample,
      seed,
    });
  } finally {
    kept?.close();
  }
}

function idsOf(directory: string): HashedIdSet {
  const ids = new HashedIdSet();
  const run = findRun(directory);
  for (const name of ['results', 'rejects'] as const) {
    for (const { value } of readPlacedJsonLines(run.file(name), () => undefined)) {
      if (typeof value['id'] === 'string') ids.add(value['id']);
    }
  }
  return ids;
}

function sampleOf(extraction: Extraction, { sample }: Survey, options: EstimateOptions): Promise<SentSample> {
  const { client, cache, model, idField, mediaRoot, prices, sampleOptions } = options;
  if (!('complete' in client) || cache === undefined) {
    throw new TypeError('Cannot send a sample: give a client that can be called, and a cache that keeps the answers');
  }
  return sendSample(extraction, sample, {
    ...sampleOptions,
    client,
    cache,
    maxRejectRate: 1,
    minRecords: 0,
    ...(model === undefined ? {} : { model }),
    ...(idField === undefined ? {} : { idField }),
    ...(mediaRoot === undefined ? {} : { mediaRoot }),
    ...(prices === undefined ? {} : { prices }),
    ...paceOf(options),
  });
}

function paceOf({ concurrency = DEFAULT_CONCURRENCY, requestsPerMinute, tokensPerMinute }: EstimateOptions): {
  concurrency: number;
  requestsPerMinute?: number;
  tokensPerMinute?: number;
} {
  return {
    concurrency,
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    ...(tokensPerMinute === undefined ? {} : { tokensPerMinute }),
  };
}

function timeOf(tokens: RecordTokens, records: number, sent: SentSample | undefined, options: EstimateOptions): Span {
  const { p50, p90, max } = sent?.summary.latencyMs ?? { p50: 0, p90: 0, max: 0 };
  const measured = { low: p50 * 0.8, expected: (p50 + p90) / 2, high: Math.max(p90 * 1.5, max) };
  const { concurrency, requestsPerMinute, tokensPerMinute } = { ...paceOf(options) };
  const pace = { concurrency, requestsPerMinute, tokensPerMinute };
  return roundSpan(reckonTime(tokens, records, { latencyMs: p50 === 0 ? ROUGH_LATENCY_MS : measured, pace }), 1);
}

/** By the schema, and by what the model is known to think; never more than the request allows. */
function answerOf({ derived, model }: PreparedExtraction, request: RequestSettings | undefined): Span {
  const { thinking, maxTokens } = request ?? {};
  const isOff = thinking !== undefined && 'budget' in thinking && thinking.budget === 0;
  const thinks = !isOff && (thinking !== undefined || (model !== undefined && rulesOf(model).thinksByDefault === true));
  const length = answerLength(derived.schema);
  const all = thinks ? addSpans(length, THINKING) : length;
  return maxTokens === undefined ? all : mapSpan(all, (tokens) => Math.min(tokens, maxTokens));
}

/** What a range of one call for each record leaves out. */
function severalCalls(extraction: Extraction): string[] {
  if (strategyIdentity(extraction) === undefined) return [];
  return [
    'Records may take several calls (samples, variants, cascade or chunk), and these figures are those of one call for each: send a sample to see what they take',
  ];
}

/** What a sample shows of the definition before the whole input is paid for. */
function adviceOf({ rejects, emptyFields, distinctAnswers, usage, summary }: SentSample): string[] {
  const codes = new Map<string, number>();
  for (const { code } of rejects) codes.set(code, (codes.get(code) ?? 0) + 1);
  const advice = [...codes].map(([code, count]) => {
    const { meaning, advice: help } = rejectAdvice[code as keyof typeof rejectAdvice] ?? { meaning: code, advice: '' };
    return `${count} of ${usage.length} were rejected, ${code}: ${meaning}; ${help}`;
  });
  const extracted = summary.records.extracted;
  if (distinctAnswers === 1 && extracted > 2) {
    advice.push(`All ${extracted} answers are the same: the prompt may not hold what differs between the records`);
  }
  if (extracted > 2 && emptyFields.length > 0) {
    advice.push(
      `No answer has a value for ${emptyFields.join(', ')}: say in the descriptions where it stands, or leave it out`,
    );
  }
  return advice;
}
