import type { AnswerVerdict } from '../../../src/answer/judge-answer.ts';
import { judgeAnswer } from '../../../src/answer/judge-answer.ts';
import type { ChatRequest } from '../../../src/completion/request.ts';
import type { Completion } from '../../../src/completion/response.ts';
import type { TokenUsage } from '../../../src/completion/usage.ts';
import type { ExtractionTool } from '../../../src/extraction/define-tool.ts';
import type { RunEvent } from '../../../src/run/events.ts';
import type { Budget, Clock, RecordContext, RecordTask } from '../../../src/run/ports.ts';
import type { Outcome } from '../../../src/run/record/outcome.ts';
import { singleStage } from '../../../src/run/record/single-stage.ts';
import type { ZodSchema } from '../../../src/schema/zod-schema.ts';
import type { AnsweredEntry, AttemptEntry, CallEntry } from '../../../src/store/entries.ts';
import { z } from 'zod';

/** What the scripted client does with a call: answer, fail, or something of the test's own. */
export type Turn =
  Completion | Error | ((request: ChatRequest, signal: AbortSignal) => Completion | Promise<Completion>);

export interface ScriptOptions {
  turns: readonly Turn[];
  schema?: ZodSchema;
  tools?: readonly ExtractionTool[];
  maxToolRounds?: number;
  maxReasks?: number;
  maxAttempts?: number;
  budget?: Budget;
  logContent?: boolean;
  judge?(completion: Completion): Promise<AnswerVerdict<unknown>>;
}

/** A record's life with everything around it played: what was asked, waited for and written down can be looked at. */
export interface ScriptedRun {
  context: RecordContext;
  requests: ChatRequest[];
  /** Calls that were noted, and lines of the ledger, in order. */
  opened: CallEntry[];
  settled: AttemptEntry[];
  outcomes: Outcome[];
  /** Answers that were kept for records that were not done. */
  kept: AnsweredEntry[];
  /** Milliseconds of every wait for a retry. */
  waits: number[];
  events: RunEvent[];
  /** In the order in which they happened: notes, permits, calls, lines. */
  log: string[];
  stopping: AbortController;
  aborting: AbortController;
  /** Permits that were not given back. */
  permitsOut(): number;
}

export const receipt: RecordTask = {
  id: 'r-1',
  index: 0,
  fields: { text: 'Acme Stationers, total 12.50' },
  messages: [
    { role: 'system', content: 'Extract the receipt.' },
    { role: 'user', content: 'Acme Stationers, total 12.50' },
  ],
  fingerprint: 'f'.repeat(32),
};

const receiptSchema = z.object({ company: z.string(), total: z.number() });
export const goodText = '{"company":"Acme Stationers","total":12.5}';

/** 30 tokens of prompt and 12 of answer. */
export const someUsage: TokenUsage = { prompt: 30, cached: 0, completion: 12, reasoning: 0, total: 42 };

export function completion(given: Partial<Completion> = {}): Completion {
  return {
    id: undefined,
    model: 'google/gemini-test',
    content: goodText,
    thoughts: undefined,
    refusal: undefined,
    finishReason: 'stop',
    toolCalls: [],
    media: [],
    extraContent: undefined,
    usage: someUsage,
    trafficType: undefined,
    raw: { choices: [{}] },
    ...given,
  };
}

/** Stands still but for the waits, which pass at once. */
function scriptedClock(waits: number[]): Clock & { advance(ms: number): void } {
  let elapsed = 0;
  return {
    now: () => Date.parse('2026-11-23T22:00:00Z') + elapsed,
    elapsed: () => elapsed,
    advance: (ms) => (elapsed += ms),
    async delay(ms, signal) {
      waits.push(ms);
      // A test may stop the run while a record waits.
      await Promise.resolve();
      signal?.throwIfAborted();
      elapsed += ms;
    },
  };
}

export function scriptRun(options: ScriptOptions): ScriptedRun {
  const { turns, schema = receiptSchema, tools = [], maxToolRounds = 4, maxReasks = 1, maxAttempts = 5 } = options;
  const requests: ChatRequest[] = [];
  const opened: CallEntry[] = [];
  const settled: AttemptEntry[] = [];
  const outcomes: Outcome[] = [];
  const kept: AnsweredEntry[] = [];
  const waits: number[] = [];
  const events: RunEvent[] = [];
  const log: string[] = [];
  const stopping = new AbortController();
  const aborting = new AbortController();
  const permits = new Set<object>();
  const clock = scriptedClock(waits);

  const context: RecordContext = {
    async complete(request, signal) {
      const turn = turns[requests.length];
      requests.push(request);
      log.push('call');
      clock.advance(100);
      if (turn === undefined) throw new Error(`The script has ${turns.length} turns, and one more call was made`);
      if (turn instanceof Error) throw turn;
      return { completion: typeof turn === 'function' ? await turn(request, signal) : turn };
    },
    strategy: singleStage({
      judge: options.judge ?? ((answer) => judgeAnswer(answer, schema)),
      tools,
      maxToolRounds,
      maxReasks,
    }),
    clock,
    pacer: {
      concurrencyLimit: 16,
      acquire(_messages, signal) {
        signal?.throwIfAborted();
        const permit = {};
        permits.add(permit);
        log.push('permit');
        return Promise.resolve(permit);
      },
      release(permit, signal) {
        if (!permits.delete(permit)) throw new Error('A permit was given back twice');
        log.push(`release ${signal}`);
      },
      pause: (ms) => log.push(`pause ${ms}`),
    },
    journal: {
      open(call) {
        const entry = { call: opened.length + 1, ...call };
        opened.push(entry);
        log.push('note');
        return { ordinal: entry.call, isNoted: Promise.resolve() };
      },
      settle(attempt, outcome, answered) {
        settled.push(attempt);
        if (answered !== undefined) kept.push(answered);
        if (outcome !== undefined) outcomes.push(outcome);
        log.push(`settle ${attempt.outcome}`);
      },
      end(outcome) {
        outcomes.push(outcome);
        log.push('end');
      },
    },
    buildRequest: (messages, changes) => ({ model: changes?.model ?? 'google/gemini-test', messages, max_tokens: 100 }),
    maxAttempts,
    backoff: { random: () => 0.5 },
    logContent: options.logContent ?? false,
    budget: options.budget,
    observer: {
      onAnswer: () => log.push('answer'),
      onFailure: () => false,
      onWait: () => log.push('wait'),
      onPause: () => undefined,
      onWaitEnd: () => log.push('wait end'),
      onBudgetExhausted: () => {
        log.push('budget exhausted');
        stopping.abort(new Error('the budget is used up'));
      },
    },
    emit: (event) => events.push(event),
    stopping: stopping.signal,
    aborting: aborting.signal,
  };
  return {
    context,
    requests,
    opened,
    settled,
    outcomes,
    kept,
    waits,
    events,
    log,
    stopping,
    aborting,
    permitsOut: () => permits.size,
  };
}
