import type { AnswerVerdict } from '../../answer/judge-answer.ts';
import { problemTable } from '../../answer/problem.ts';
import { reaskMessages } from '../../answer/re-ask.ts';
import type { ChatMessage } from '../../completion/request.ts';
import type { Completion } from '../../completion/response.ts';
import type { AttemptKind } from '../../store/entries.ts';
import type { Outcome, RejectReason } from './outcome.ts';
import type { RecordContext, RecordEnd, RecordTask } from '../ports.ts';
import { RecordCalls } from './record-calls.ts';
import { isRefusalOfTheRun, reasonOfFailure } from './reject-reason.ts';
import type { EarlyStop } from './stream-answer.ts';
import { answerToolCalls, ToolError } from './tool-loop.ts';

/**
 * One record's life: ask; answer the functions the model calls; send an invalid answer back once with what is wrong; until
 * there is an outcome.
 */
export async function extractRecord(task: RecordTask, context: RecordContext): Promise<RecordEnd> {
  const calls = new RecordCalls(task, context);
  const reject = (reason: RejectReason, answer?: string): Outcome => rejected(task, calls, reason, answer);
  /** The conversation up to the answer that is wanted; a re-ask adds to it for one question only. */
  let conversation = task.messages;
  let question = conversation;
  let kind: AttemptKind = 'first';
  let reasks = 0;
  let toolRounds = 0;

  for (;;) {
    const end = await calls.ask(question, kind);
    if (end.kind === 'unfinished') return end;
    if (end.kind === 'failed') {
      const outcome = reject(reasonOfFailure(end.error, end.failures));
      if (isRefusalOfTheRun(end.error)) {
        end.settle();
        return { kind: 'refused', outcome, error: end.error, safeMessage: end.safeMessage };
      }
      end.settle(outcome);
      return { kind: 'settled', outcome };
    }

    const { completion, earlyStop } = end;
    if (completion.toolCalls.length > 0 && context.tools.length > 0) {
      toolRounds += 1;
      const round = await playToolRound(completion, task, context, toolRounds);
      if ('code' in round) {
        const outcome = reject(round);
        end.settle('invalid', round.code, outcome);
        return { kind: 'settled', outcome };
      }
      end.settle('tool_calls');
      conversation = question = [...question, ...round.messages];
      kind = 'tool';
      continue;
    }

    const verdict = demandJson(await judge(completion, earlyStop, task, context), completion);
    if (verdict.status === 'valid') {
      const outcome = extracted(task, calls, verdict.data);
      end.settle('extracted', undefined, outcome);
      return { kind: 'settled', outcome };
    }
    if (problemTable[verdict.code].canReask && reasks < context.maxReasks) {
      end.settle('invalid', verdict.code);
      reasks += 1;
      kind = 're-ask';
      question = reaskMessages(conversation, verdict);
      continue;
    }
    const reason: RejectReason = { code: verdict.code, message: verdict.message };
    if (verdict.issues.length > 0) reason.issues = verdict.issues;
    const outcome = reject(reason, verdict.text);
    end.settle('invalid', verdict.code, outcome);
    return { kind: 'settled', outcome };
  }
}

/** What was stopped on its way is judged by why it was, unless the object was complete and only white space went on. */
async function judge(
  completion: Completion,
  earlyStop: EarlyStop | undefined,
  task: RecordTask,
  context: RecordContext,
): Promise<AnswerVerdict<unknown>> {
  if (earlyStop?.code === undefined) {
    const finished = earlyStop === undefined ? completion : { ...completion, finishReason: 'stop' };
    return context.judge(finished, task);
  }
  return { status: 'invalid', ...earlyStop, text: completion.content };
}

/** A transform of the schema can make values that no file of JSON lines can hold. */
function demandJson(verdict: AnswerVerdict<unknown>, { content }: Completion): AnswerVerdict<unknown> {
  if (verdict.status === 'invalid') return verdict;
  let reason = 'it is nothing that JSON has';
  try {
    if (JSON.stringify(verdict.data) !== undefined) return verdict;
  } catch (error) {
    reason = error instanceof Error ? error.message : 'its toJSON failed';
  }
  const message = `the schema's transforms made a value that cannot be written as JSON: ${reason}`;
  return { status: 'invalid', code: 'schema_violation', message, reason: message, issues: [], text: content };
}

async function playToolRound(
  completion: Completion,
  task: RecordTask,
  { tools, maxToolRounds, aborting }: RecordContext,
  round: number,
): Promise<{ messages: ChatMessage[] } | RejectReason> {
  if (round > maxToolRounds) {
    return {
      code: 'too_many_tool_rounds',
      message: `The model went on calling functions after ${maxToolRounds} rounds; raise maxToolRounds, or tell it in the instructions when to stop`,
    };
  }
  try {
    return { messages: await answerToolCalls(completion, tools, { record: task.fields, signal: aborting }) };
  } catch (error) {
    if (error instanceof ToolError) return { code: 'tool_error', message: error.message };
    throw error;
  }
}

function extracted({ id, index, fingerprint }: RecordTask, calls: RecordCalls, data: unknown): Outcome {
  const { attempts, usage } = calls;
  return { status: 'extracted', recordId: id, index, data, attempts, usage, fingerprint, isReused: false };
}

function rejected(task: RecordTask, calls: RecordCalls, reason: RejectReason, answer?: string): Outcome {
  const { id, index, fields, fingerprint } = task;
  const { attempts, usage } = calls;
  const outcome: Outcome = {
    status: 'rejected',
    recordId: id,
    index,
    attempts,
    usage,
    reason,
    record: fields,
    fingerprint,
  };
  return answer === undefined ? outcome : { ...outcome, answer };
}
