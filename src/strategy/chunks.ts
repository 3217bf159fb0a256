import type { AnswerVerdict } from '../answer/judge-answer.ts';
import { decided, decisionMessages } from '../chunks/decide-conflicts.ts';
import type { Merged, PartAnswer } from '../chunks/merge-parts.ts';
import type { ChatMessage } from '../completion/request.ts';
import { isJsonObject, type JsonValue } from '../json/value.ts';
import type { Ask, Exchange, RecordTask, Step, Strategy, Verdict } from '../run/ports.ts';
import type { SingleStageOptions } from '../run/record/single-stage.ts';
import type { Extracted } from './cascade.ts';
import { repairedOf } from './repaired-of.ts';

/** What one chunk of a record is asked with. */
export interface ChunkQuestion {
  messages: ChatMessage[];
  /** The text that is read, and where it begins in the whole. */
  text: string;
  start: number;
}

export interface ChunkOptions extends Pick<SingleStageOptions, 'judge'> {
  /** How each chunk is read: once or several times. */
  reading: Strategy;
  /** The chunks of a record in order; one, with the record's own messages, where it is short enough. */
  split(task: RecordTask): readonly ChunkQuestion[];
  /** How many times every chunk is read. */
  passes: number;
  /** Has the model decide where parts differ. */
  askForConflicts: boolean;
  merge(parts: readonly PartAnswer[]): Merged;
  /** Judges an answer that no single part gave. */
  judgeAgain(answer: { value: JsonValue }, task: RecordTask): Promise<AnswerVerdict<unknown>>;
}

const DECIDE = 'decide';

/**
 * Reads a long record in parts, each for itself, and makes one answer of theirs. A part that gives no usable answer rejects its
 * record: what it holds would be missing without a word.
 */
export function chunked(options: ChunkOptions): Strategy {
  const { reading, split, passes, askForConflicts, merge, judgeAgain } = options;
  /** Chunks of the records that are in work: they are split once. */
  const known = new WeakMap<RecordTask, readonly ChunkQuestion[]>();
  const steps = new WeakMap<Exchange, Step>();

  const chunksOf = (task: RecordTask): readonly ChunkQuestion[] => {
    const chunks = known.get(task) ?? split(task);
    known.set(task, chunks);
    return chunks;
  };
  /** The record as if it held one chunk only; of further passes the same ones. */
  const partOf = (task: RecordTask, at: number): RecordTask => {
    const chunks = chunksOf(task);
    const { messages } = chunks[at % chunks.length] ?? task;
    return { ...task, messages };
  };
  const tagged = (ask: Ask, task: RecordTask, at: number): Ask => {
    const chunks = chunksOf(task);
    if (chunks.length * passes === 1) return ask;
    const kind = at > 0 && ask.kind === 'first' ? 'chunk' : ask.kind;
    return { ...ask, kind, part: { ...ask.part, chunk: (at % chunks.length) + 1 } };
  };
  const ask = (task: RecordTask, at: number): Ask => tagged(reading.begin(partOf(task, at)), task, at);
  const allOfPart = (task: RecordTask, at: number): Ask[] => {
    const part = partOf(task, at);
    return (reading.allOf?.(part) ?? [reading.begin(part)]).map((one) => tagged(one, task, at));
  };

  return {
    begin: (task) => ask(task, 0),
    allOf: (task) => Array.from({ length: chunksOf(task).length * passes }, (_, at) => allOfPart(task, at)).flat(),
    async next(task, exchanges, signal) {
      const chunks = chunksOf(task);
      const last = exchanges.at(-1);
      if (last?.ask.kind === 'decision') return decide(task, exchanges, last, signal);
      const { ends, step } = await follow(task, exchanges, signal);
      if ('ask' in step.next) return { use: step.use, next: { ask: tagged(step.next.ask, task, ends.length) } };
      const { verdict } = step.next;
      if (verdict.kind === 'rejected') return { use: step.use, next: { verdict: named(verdict, ends.length, chunks) } };
      const wanted = chunks.length * passes;
      if (wanted === 1) return step;
      const use = usedAs('part', step);
      if (ends.length < wanted) return { use, next: { ask: ask(task, ends.length) } };
      const merged = merge(partsOf(ends, chunks));
      if (askForConflicts && merged.conflicts.length > 0) {
        const texts = chunks.map(({ text }) => text);
        const messages = decisionMessages(task.messages, merged, texts);
        return { use, next: { ask: { messages, kind: 'decision', stage: DECIDE } } };
      }
      return finish(usedAs('extracted', step), merged, { task, ends });
    },
  };

  /** The answers of the parts that have ended, and what the last exchange came to. */
  async function follow(
    task: RecordTask,
    exchanges: readonly Exchange[],
    signal: AbortSignal,
  ): Promise<{ ends: Extracted[]; step: Step }> {
    const ends: Extracted[] = [];
    let own: Exchange[] = [];
    let step: Step | undefined;
    for (const exchange of exchanges) {
      own.push(exchange);
      step = steps.get(exchange) ?? (await reading.next(partOf(task, ends.length), own, signal));
      steps.set(exchange, step);
      if ('ask' in step.next) continue;
      own = [];
      if (step.next.verdict.kind === 'extracted') ends.push(step.next.verdict);
    }
    if (step === undefined) throw new Error('There is no answer to judge');
    return { ends, step };
  }

  async function finish(
    use: Step['use'],
    merged: Merged,
    { task, ends }: { task: RecordTask; ends: readonly Extracted[] },
  ): Promise<Step> {
    const verdict = await judgeAgain({ value: merged.value }, task);
    if (verdict.status === 'valid') {
      const conflicts = merged.conflicts.length === 0 ? {} : { conflicts: merged.conflicts };
      const confidence = merged.confidence === undefined ? {} : { confidence: merged.confidence };
      const logprobs = merged.logprobs === undefined ? {} : { logprobs: merged.logprobs };
      const valid = { ...verdict, ...repairedOf(ends.map((end) => end.valid)), ...logprobs };
      return { use, next: { verdict: { kind: 'extracted', valid, ...conflicts, ...confidence } } };
    }
    const { code, message, issues } = verdict;
    const reason = { code, message: `Of all parts together: ${message}`, ...(issues.length > 0 ? { issues } : {}) };
    return {
      use: { outcome: 'invalid', code },
      next: { verdict: { kind: 'rejected', reason, answer: JSON.stringify(merged.value) } },
    };
  }

  /** Takes the model's word where it is one of the values that the parts gave. An answer that cannot be used leaves what was merged. */
  async function decide(
    task: RecordTask,
    exchanges: readonly Exchange[],
    last: Exchange,
    signal: AbortSignal,
  ): Promise<Step> {
    const before = exchanges.filter(({ ask: asked }) => asked.kind !== 'decision');
    const { ends } = await follow(task, before, signal);
    const merged = merge(partsOf(ends, chunksOf(task)));
    const verdict = await options.judge(last.completion, task);
    if (verdict.status === 'invalid') {
      const { next } = await finish({ outcome: 'extracted' }, merged, { task, ends });
      return { use: { outcome: 'invalid', code: verdict.code }, next };
    }
    return finish({ outcome: 'extracted' }, decided(merged, answerOf(verdict)), { task, ends });
  }
}

/** A call whose answer was good for nothing stays so, though its part has come to an end by other readings. */
function usedAs(outcome: 'part' | 'extracted', { use }: Step): Step['use'] {
  return use.outcome === 'invalid' ? use : { ...use, outcome };
}

function partsOf(ends: readonly Extracted[], chunks: readonly ChunkQuestion[]): PartAnswer[] {
  return ends.flatMap((end, at) => {
    const chunk = chunks[at % chunks.length];
    const answer = answerOf(end.valid);
    if (chunk === undefined || !isJsonObject(answer)) return [];
    const { confidence, valid } = end;
    const { logprobs } = valid;
    return [{ answer, chunk: (at % chunks.length) + 1, text: chunk.text, start: chunk.start, confidence, logprobs }];
  });
}

function answerOf({ answer, json }: Extracted['valid']): JsonValue {
  return answer ?? json;
}

/** Says which part of the record gave no usable answer. */
function named(
  verdict: Extract<Verdict, { kind: 'rejected' }>,
  ended: number,
  chunks: readonly ChunkQuestion[],
): Verdict {
  if (chunks.length === 1) return verdict;
  const { reason } = verdict;
  const part = `Part ${(ended % chunks.length) + 1} of ${chunks.length}: `;
  return { ...verdict, reason: { ...reason, message: part + reason.message } };
}
