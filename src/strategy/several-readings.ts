import { agree, agreeWith, medoidOf } from '../agreement/agree.ts';
import type { AnswerVerdict, ValidAnswer } from '../answer/judge-answer.ts';
import type { ChatMessage } from '../completion/request.ts';
import { readChoices } from '../completion/read-choices.ts';
import type { Comparators } from '../eval/compare-record.ts';
import type { RequestChanges } from '../extraction/request.ts';
import { isSameJson } from '../json/same-json.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import type { Ask, AskedPart, Exchange, RecordTask, Step, Strategy, Verdict } from '../run/ports.ts';
import { singleStage, type SingleStageOptions } from '../run/record/single-stage.ts';
import { repairedOf } from './repaired-of.ts';

/** How one reading is asked for, where it is otherwise than the definition says. */
export interface Reading {
  changes?: RequestChanges;
  instructions?: string;
}

export interface ReadingsOptions extends SingleStageOptions {
  readings: readonly Reading[];
  /** Whether the readings are alike, and all of them are asked for in one call. Those that do not come are asked for one by one. */
  inOneCall: boolean;
  thoughtTagMarker: string | undefined;
  comparators: Comparators;
  /** Judges an answer that no single reading gave. */
  judgeAgain(answer: { value: JsonValue }, task: RecordTask): Promise<AnswerVerdict<unknown>>;
}

/**
 * Reads every record several times and keeps what most readings agree in, with the share of them that do by field. Each answer is judged
 * alone. One that is invalid agrees with nothing, and is sent back only where no other reading gave an answer that can be used.
 */
export function severalReadings(options: ReadingsOptions): Strategy {
  const { readings, inOneCall } = options;
  const stages: Stages = {
    once: singleStage({ ...options, maxReasks: 0 }),
    last: singleStage(options),
    steps: new WeakMap(),
  };
  const ask = (task: RecordTask, at: number): Ask => askReading(task, readings[at] ?? {}, at);
  const askAll = (task: RecordTask): Ask => ({
    messages: task.messages,
    kind: 'first',
    part: { samples: readings.length },
    changes: { n: readings.length },
  });
  return {
    begin: (task) => (inOneCall ? askAll(task) : ask(task, 0)),
    allOf: (task) => (inOneCall ? [askAll(task)] : readings.map((_, at) => ask(task, at))),
    async next(task, exchanges, signal) {
      const { ends, pending, use } = await followReadings(task, exchanges, signal, { options, stages });
      if (pending !== undefined) return { use, next: { ask: pending } };
      const asked = ends.length;
      if (asked < readings.length) return { use, next: { ask: ask(task, asked) } };
      const verdict = await conclude(ends, task, options);
      const isResult = verdict.kind === 'extracted' && use.outcome === 'part';
      return { use: isResult ? { ...use, outcome: 'extracted' } : use, next: { verdict } };
    },
  };
}

interface Stages {
  /** Judges an answer without sending it back. */
  once: Strategy;
  last: Strategy;
  /** What the last exchange of a reading came to: exchanges are judged once. */
  steps: WeakMap<Exchange, readonly Step[]>;
}

function askReading({ messages }: RecordTask, { changes, instructions }: Reading, at: number): Ask {
  return {
    messages: instructions === undefined ? messages : withInstructions(messages, instructions),
    kind: at === 0 ? 'first' : 'sample',
    part: { sample: at + 1 },
    ...(changes === undefined ? {} : { changes }),
  };
}

function withInstructions([system, ...rest]: readonly ChatMessage[], instructions: string): ChatMessage[] {
  const message = { role: 'system' as const, content: instructions };
  return system?.role === 'system' ? [message, ...rest] : [message, ...(system === undefined ? [] : [system]), ...rest];
}

/** Where the readings of a record stand: those that have ended, and what the last of them asks for yet. */
interface Progress {
  ends: Verdict[];
  pending: Ask | undefined;
  use: Step['use'];
}

async function followReadings(
  task: RecordTask,
  exchanges: readonly Exchange[],
  signal: AbortSignal,
  { options, stages }: { options: ReadingsOptions; stages: Stages },
): Promise<Progress> {
  const ends: Verdict[] = [];
  let pending: Ask | undefined;
  let use: Step['use'] = { outcome: 'invalid' };
  for (const own of byPart(exchanges)) {
    const last = own.at(-1);
    if (last === undefined) continue;
    const known = stages.steps.get(last);
    const steps = known ?? (await judgePart(own, ends));
    stages.steps.set(last, steps);
    pending = undefined;
    for (const step of steps) {
      if ('verdict' in step.next) ends.push(step.next.verdict);
      else pending = tagged(step.next.ask, last.ask);
    }
    use = useOf(steps);
  }
  return { ends, pending, use };

  async function judgePart(own: readonly Exchange[], before: readonly Verdict[]): Promise<Step[]> {
    const [first] = own;
    const count = options.readings.length;
    if (first?.ask.part?.samples === undefined) return [await stageFor(before, count - 1).next(task, own, signal)];
    const choices = readChoices(first.completion, { thoughtTagMarker: options.thoughtTagMarker }).slice(0, count);
    const steps: Step[] = [];
    for (const completion of choices) {
      const ended = [...before, ...steps.flatMap(({ next }) => ('verdict' in next ? [next.verdict] : []))];
      steps.push(await stageFor(ended, count - 1).next(task, [{ ...first, completion }], signal));
    }
    return steps;
  }

  /** Only the last reading is sent back, where none before it can be used. */
  function stageFor(before: readonly Verdict[], others: number): Strategy {
    const isWanted = before.length >= others && before.every(({ kind }) => kind === 'rejected');
    return isWanted ? stages.last : stages.once;
  }
}

/** The exchanges of each reading, in order: a reading is asked for until it has ended. */
function byPart(exchanges: readonly Exchange[]): Exchange[][] {
  const parts: Exchange[][] = [];
  for (const exchange of exchanges) {
    const last = parts.at(-1);
    if (last !== undefined && isSamePart(last[0]?.ask.part, exchange.ask.part)) last.push(exchange);
    else parts.push([exchange]);
  }
  return parts;
}

function isSamePart(left: AskedPart | undefined, right: AskedPart | undefined): boolean {
  return left?.sample === right?.sample && left?.samples === right?.samples;
}

/** Goes on with a reading as it was begun; one of several answers goes on alone. */
function tagged(ask: Ask, { part, changes, stage }: Ask): Ask {
  const { n, ...own } = changes ?? {};
  const isAlone = part?.samples !== undefined;
  return {
    ...ask,
    ...(stage === undefined ? {} : { stage }),
    part: isAlone ? { sample: part.samples } : part,
    ...(changes === undefined || (n !== undefined && Object.keys(own).length === 0) ? {} : { changes: own }),
  } as Ask;
}

/** A call was good for something where one of its answers was. */
function useOf(steps: readonly Step[]): Step['use'] {
  const good = steps.find(({ use }) => use.outcome === 'extracted')?.use;
  if (good !== undefined) return { ...good, outcome: 'part' };
  return steps.at(-1)?.use ?? { outcome: 'invalid' };
}

async function conclude(
  ends: readonly Verdict[],
  task: RecordTask,
  { comparators, judgeAgain, readings }: ReadingsOptions,
): Promise<Verdict> {
  const valid = ends.flatMap((end) => (end.kind === 'extracted' ? [end.valid] : []));
  const [first] = valid;
  if (first === undefined) return ends.at(-1) ?? noAnswer();
  const answers = valid.map(answerOf);
  if (!answers.every(isJsonObject)) return { kind: 'extracted', valid: first };
  const options = { comparators, readings: readings.length };
  const agreed = agree(answers as JsonObject[], options);
  const own = valid.find((one) => isSameJson(answerOf(one), agreed.value));
  if (own !== undefined) return { kind: 'extracted', valid: own, confidence: agreed.shares };
  const verdict = await judgeAgain({ value: agreed.value }, task);
  if (verdict.status === 'valid')
    return { kind: 'extracted', valid: { ...verdict, ...repairedOf(valid) }, confidence: agreed.shares };
  // What each field agrees in may not go together: the answer that is most like all others does.
  const at = medoidOf(answers as JsonObject[], comparators);
  const medoid = valid[at] ?? first;
  const others = answers.filter((_, place) => place !== at);
  const { shares } = agreeWith([answerOf(medoid), ...others] as JsonObject[], options);
  return { kind: 'extracted', valid: medoid, confidence: shares };
}

/** What the model wrote: the schema is given it again. */
function answerOf({ answer, json }: ValidAnswer<unknown>): JsonValue {
  return answer ?? json;
}

function noAnswer(): never {
  throw new Error('There is no answer to conclude from');
}
