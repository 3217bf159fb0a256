import type { ValidAnswer } from '../answer/judge-answer.ts';
import type { RequestChanges } from '../extraction/request.ts';
import type { Ask, Exchange, RecordTask, Step, Strategy, Verdict } from '../run/ports.ts';
import type { RejectCode } from '../run/record/outcome.ts';

/** Why a stronger model is asked. */
export type EscalationReason = 'invalid' | 'truncated' | 'ungrounded' | 'disagree' | 'repaired';

/** A usable answer, with what is known of it. */
export type Extracted = Extract<Verdict, { kind: 'extracted' }>;

/** Decides what becomes of a cheap answer that no rule has escalated. */
export interface CascadeGate {
  /** Why a cheap answer is asked of the strong model; undefined where it is sure enough to be kept. */
  reasonAgainst(task: RecordTask, score: number): string | undefined;
  /** Whether the record's answers are held against each other. */
  isTrial(task: RecordTask, score: number): boolean;
  /** Whether both answers of a record say the same. */
  agrees(cheap: ValidAnswer<unknown>, strong: Verdict): boolean;
}

export interface CascadeOptions {
  cheap: Strategy;
  strong: Strategy;
  /** What asks the cheap model; absent for the definition's own. */
  cheapChanges: RequestChanges | undefined;
  strongChanges: RequestChanges;
  when: ReadonlySet<EscalationReason>;
  /** Whether every value of the answer that can stand in the record does. */
  isGrounded(valid: ValidAnswer<unknown>, task: RecordTask): boolean;
  /** How probable it is that the least sure value of an answer is right, by gold of another day. */
  confidenceOf?: ((answer: Extracted, task: RecordTask, facts: { isAskedAgain: boolean }) => number) | undefined;
  gate: CascadeGate | undefined;
}

const CHEAP = 'cheap';
const STRONG = 'strong';

/** Reject codes of answers that were cut off. */
const TRUNCATED: ReadonlySet<RejectCode> = new Set(['truncated_answer', 'truncated_thinking', 'truncated_loop']);
/** Reject codes that another model would meet as well. */
const NOT_OF_THE_ANSWER: ReadonlySet<RejectCode> = new Set(['tool_error', 'too_many_tool_rounds']);

/**
 * Asks a cheap model first, and a stronger one where the answer is not to be relied on. The strong model's word is the last, also where it
 * finds no answer.
 */
export function cascade(options: CascadeOptions): Strategy {
  const { cheap, strong, cheapChanges, strongChanges, gate } = options;
  const ofCheap = (ask: Ask): Ask => ({ ...ask, stage: CHEAP, ...merged(cheapChanges, ask.changes) });
  const ofStrong = (ask: Ask): Ask => ({ ...ask, stage: STRONG, changes: strongChanges });
  const escalation = (task: RecordTask): Ask => ofStrong({ ...strong.begin(task), kind: 'escalation' });
  /** What the last cheap exchange came to: it is judged once. */
  const verdicts = new WeakMap<Exchange, Step>();

  const judgeCheap = async (task: RecordTask, own: readonly Exchange[], signal: AbortSignal): Promise<Step> => {
    const last = own.at(-1);
    const known = last && verdicts.get(last);
    if (known !== undefined) return known;
    const step = await cheap.next(task, own, signal);
    if (last !== undefined) verdicts.set(last, step);
    return step;
  };

  return {
    begin: (task) => ofCheap(cheap.begin(task)),
    allOf: (task) => [
      ...(cheap.allOf?.(task) ?? [cheap.begin(task)]).map(ofCheap),
      ...(strong.allOf?.(task).map(ofStrong) ?? [escalation(task)]),
    ],
    async next(task, exchanges, signal) {
      const ofFirst = exchanges.filter(({ ask }) => ask.stage !== STRONG);
      const ofSecond = exchanges.filter(({ ask }) => ask.stage === STRONG);
      const first = await judgeCheap(task, ofFirst, signal);
      if (ofSecond.length === 0) return afterCheap(first, ofFirst, task);
      const step = await strong.next(task, ofSecond, signal);
      if ('ask' in step.next) return { use: step.use, next: { ask: ofStrong(step.next.ask) } };
      return { use: step.use, next: { verdict: afterStrong(step.next.verdict, first, task, ofFirst) } };
    },
  };

  function afterCheap({ use, next }: Step, own: readonly Exchange[], task: RecordTask): Step {
    if ('ask' in next) return { use, next: { ask: ofCheap(next.ask) } };
    const { verdict } = next;
    const reason = reasonToEscalate(verdict, task, options);
    if (verdict.kind === 'rejected') {
      return reason === undefined ? { use, next } : { use, next: { ask: escalation(task) } };
    }
    if (reason !== undefined) return escalated(use, reason, task);
    if (gate === undefined) return { use, next: { verdict: { ...verdict, stage: CHEAP } } };
    const doubt = gate.reasonAgainst(task, scoreOf(verdict, task, own, options));
    if (doubt !== undefined) return escalated(use, doubt, task);
    return { use, next: { verdict: { ...verdict, stage: CHEAP } } };
  }

  function escalated(use: Step['use'], code: string, task: RecordTask): Step {
    return { use: { ...use, outcome: 'escalated', code }, next: { ask: escalation(task) } };
  }

  function afterStrong(verdict: Verdict, first: Step, task: RecordTask, own: readonly Exchange[]): Verdict {
    const cheapVerdict = 'verdict' in first.next ? first.next.verdict : undefined;
    const named: Verdict = verdict.kind === 'extracted' ? { ...verdict, stage: STRONG } : verdict;
    if (gate === undefined || cheapVerdict?.kind !== 'extracted') return named;
    if (reasonToEscalate(cheapVerdict, task, options) !== undefined) return named;
    const score = scoreOf(cheapVerdict, task, own, options);
    if (!gate.isTrial(task, score)) return named;
    return { ...named, trial: { score, agrees: gate.agrees(cheapVerdict.valid, verdict) } };
  }
}

/** Why a cheap answer is not relied on; undefined where it is, or a stronger model would help nothing. */
function reasonToEscalate(
  verdict: Verdict,
  task: RecordTask,
  { when, isGrounded }: CascadeOptions,
): EscalationReason | undefined {
  if (verdict.kind === 'rejected') {
    const { code } = verdict.reason;
    if (NOT_OF_THE_ANSWER.has(code)) return undefined;
    const reason = TRUNCATED.has(code) ? 'truncated' : 'invalid';
    return when.has(reason) ? reason : undefined;
  }
  if (when.has('disagree') && leastShare(verdict) < 1) return 'disagree';
  if (when.has('repaired') && verdict.valid.repaired !== undefined) return 'repaired';
  if (when.has('ungrounded') && !isGrounded(verdict.valid, task)) return 'ungrounded';
  return undefined;
}

/** The calibrated confidence; without one the least agreement of all fields, less by one where something of the answer is doubtful. */
function scoreOf(
  verdict: Extracted,
  task: RecordTask,
  own: readonly Exchange[],
  { isGrounded, confidenceOf }: CascadeOptions,
): number {
  const isAskedAgain = own.some(({ ask }) => ask.kind === 're-ask');
  if (confidenceOf !== undefined) return confidenceOf(verdict, task, { isAskedAgain });
  const isDoubtful = verdict.valid.repaired !== undefined || isAskedAgain || !isGrounded(verdict.valid, task);
  return leastShare(verdict) - (isDoubtful ? 1 : 0);
}

function leastShare({ confidence = {} }: Extracted): number {
  return Math.min(1, ...Object.values(confidence));
}

function merged(changes: RequestChanges | undefined, own: RequestChanges | undefined): { changes?: RequestChanges } {
  if (changes === undefined) return own === undefined ? {} : { changes: own };
  return { changes: { ...changes, ...own } };
}
