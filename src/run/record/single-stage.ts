import type { AnswerVerdict, InvalidAnswer } from '../../answer/judge-answer.ts';
import { PROBLEM_TABLE } from '../../answer/problem.ts';
import { reaskMessages } from '../../answer/re-ask.ts';
import type { ChatMessage } from '../../completion/request.ts';
import type { Completion } from '../../completion/response.ts';
import type { ExtractionTool } from '../../extraction/define-tool.ts';
import type { AnswerUse, Exchange, RecordTask, Step, Strategy } from '../ports.ts';
import type { RejectReason } from './outcome.ts';
import { answerToolCalls, ToolError } from './tool-loop.ts';

export interface SingleStageOptions {
  judge(completion: Completion, task: RecordTask): AnswerVerdict<unknown> | Promise<AnswerVerdict<unknown>>;
  /** Functions the model may call, and for how many rounds. */
  tools: readonly ExtractionTool[];
  maxToolRounds: number;
  /** Most times an invalid answer is answered with what is wrong with it. */
  maxReasks: number;
}

/**
 * Asks one model once: answers the functions that it calls, and sends an invalid answer back with what is wrong, until
 * there is a verdict.
 */
export function singleStage(options: SingleStageOptions): Strategy {
  const { tools } = options;
  return {
    begin: ({ messages }) => ({ messages, kind: 'first' }),
    next(task, exchanges, signal) {
      const exchange = exchanges.at(-1);
      if (exchange === undefined) throw new Error('There is no answer to judge');
      const { completion } = exchange;
      if (completion.toolCalls.length > 0 && tools.length > 0 && completion.hasBrokenText !== true) {
        return playToolRound(exchanges, exchange, { ...options, task, signal });
      }
      const verdict = judge(exchange, task, options);
      if (!(verdict instanceof Promise)) return follow(verdict, task, exchanges, options);
      return verdict.then((judged) => follow(judged, task, exchanges, options));
    },
  };
}

function follow(
  verdict: AnswerVerdict<unknown>,
  task: RecordTask,
  exchanges: readonly Exchange[],
  { maxReasks }: SingleStageOptions,
): Step {
  if (verdict.status === 'valid') {
    const use: AnswerUse = { outcome: 'extracted' };
    if (verdict.repaired !== undefined) use.repaired = verdict.repaired;
    if (verdict.coerced !== undefined) use.coerced = verdict.coerced;
    return { use, next: { verdict: { kind: 'extracted', valid: verdict } } };
  }
  const use: AnswerUse = { outcome: 'invalid', code: verdict.code };
  if (canReask(verdict) && count(exchanges, 're-ask') < maxReasks) {
    const messages = reaskMessages(conversationOf(exchanges, task), verdict);
    return { use, next: { ask: { messages, kind: 're-ask' } } };
  }
  return { use, next: { verdict: rejection(verdict) } };
}

function canReask({ code, isFinal }: InvalidAnswer): boolean {
  return PROBLEM_TABLE[code].canReask && isFinal !== true;
}

/** The conversation up to the answer that is wanted; a re-ask adds to it for one question only. */
function conversationOf(exchanges: readonly Exchange[], task: RecordTask): ChatMessage[] {
  return exchanges.findLast(({ ask }) => ask.kind !== 're-ask')?.ask.messages ?? task.messages;
}

function count(exchanges: readonly Exchange[], kind: Exchange['ask']['kind']): number {
  return exchanges.filter(({ ask }) => ask.kind === kind).length;
}

/** What was stopped on its way is judged by why it was, unless the object was complete and only white space went on. */
function judge(
  { completion, earlyStop }: Exchange,
  task: RecordTask,
  options: SingleStageOptions,
): AnswerVerdict<unknown> | Promise<AnswerVerdict<unknown>> {
  if (earlyStop?.code === undefined) {
    const finished = earlyStop === undefined ? completion : { ...completion, finishReason: 'stop' };
    return options.judge(finished, task);
  }
  return { status: 'invalid', ...earlyStop, text: completion.content };
}

function rejection({ code, message, issues, text }: InvalidAnswer): {
  kind: 'rejected';
  reason: RejectReason;
  answer?: string;
} {
  const reason: RejectReason = issues.length > 0 ? { code, message, issues } : { code, message };
  return text === undefined ? { kind: 'rejected', reason } : { kind: 'rejected', reason, answer: text };
}

/** Answers the functions that the model calls. Without them an answer would be a guess, so that none is asked for if one fails. */
async function playToolRound(
  exchanges: readonly Exchange[],
  { ask, completion }: Exchange,
  { tools, maxToolRounds, task, signal }: SingleStageOptions & { task: RecordTask; signal: AbortSignal },
): Promise<Step> {
  if (count(exchanges, 'tool') >= maxToolRounds) {
    const message = `The model went on calling functions after ${maxToolRounds} rounds; raise maxToolRounds, or tell it in the instructions when to stop`;
    return failedRound({ code: 'too_many_tool_rounds', message });
  }
  try {
    const answers = await answerToolCalls(completion, tools, { record: task.fields, signal });
    return { use: { outcome: 'tool_calls' }, next: { ask: { messages: [...ask.messages, ...answers], kind: 'tool' } } };
  } catch (error) {
    // A handler that gives up because the run does says nothing of the record.
    signal.throwIfAborted();
    if (error instanceof ToolError) return failedRound({ code: 'tool_error', message: error.message });
    throw error;
  }
}

function failedRound(reason: RejectReason): Step {
  return { use: { outcome: 'invalid', code: reason.code }, next: { verdict: { kind: 'rejected', reason } } };
}
