import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Completion } from '../../src/completion/response.ts';
import type { Ask, Exchange, RecordTask, Step, Strategy } from '../../src/run/ports.ts';

export interface StrategySubject {
  /** A new strategy each time, as the next session has one. */
  create(): Promise<Strategy>;
  task: RecordTask;
  /** Answers that a model may give to any of its questions, good and bad. */
  answers: readonly Completion[];
}

/** More calls than any of them may take for a record. */
const MOST_CALLS = 60;

interface Played {
  asks: Ask[];
  steps: Step[];
  exchanges: Exchange[];
}

/** What every way of asking for a record must do, whatever the model answers. */
export function describeStrategy(name: string, { create, task, answers }: StrategySubject): void {
  const { signal } = new AbortController();
  const picks = fc.array(fc.nat(answers.length - 1), { minLength: MOST_CALLS, maxLength: MOST_CALLS });

  async function play(strategy: Strategy, chosen: readonly number[]): Promise<Played> {
    let ask: Ask | undefined = strategy.begin(task);
    const played: Played = { asks: [], steps: [], exchanges: [] };
    for (const pick of chosen) {
      if (ask === undefined) return played;
      const completion = answers[pick];
      if (completion === undefined) throw new RangeError('There is no such answer');
      played.asks.push(ask);
      played.exchanges.push({ ask, completion, earlyStop: undefined });
      const step: Step = await strategy.next(task, [...played.exchanges], signal);
      played.steps.push(step);
      ask = 'ask' in step.next ? step.next.ask : undefined;
    }
    if (ask !== undefined) throw new Error(`There was no verdict after ${chosen.length} answers`);
    return played;
  }

  describe(`${name} is a strategy`, () => {
    test('comes to a verdict, whatever is answered', async () => {
      await fc.assert(
        fc.asyncProperty(picks, async (chosen) => {
          const { steps } = await play(await create(), chosen);
          expect(steps.at(-1)?.next).toHaveProperty('verdict');
          expect(steps.length).toBeGreaterThan(0);
        }),
        { numRuns: 20 },
      );
    });

    test('has no memory of its own: another session goes on from the exchanges alone', async () => {
      await fc.assert(
        fc.asyncProperty(picks, async (chosen) => {
          const { exchanges, steps } = await play(await create(), chosen);
          for (const [at, step] of steps.entries()) {
            const later = await create();
            expect(await later.next(task, exchanges.slice(0, at + 1), signal)).toEqual(step);
          }
        }),
        { numRuns: 10 },
      );
    });

    test('asks the same first, and foresees the questions that are kept room for', async () => {
      const strategy = await create();
      expect((await create()).begin(task)).toEqual(strategy.begin(task));
      const foreseen = strategy.allOf?.(task);
      if (foreseen === undefined) return;
      // Answers that are asked for in one call may have to be asked for one by one.
      const most = foreseen.reduce((sum, { changes }) => sum + (changes?.n ?? 1), 0);
      await fc.assert(
        fc.asyncProperty(picks, async (chosen) => {
          const { asks } = await play(await create(), chosen);
          const own = asks.filter(({ kind }) => kind !== 're-ask');
          expect(own.length).toBeLessThanOrEqual(most);
        }),
        { numRuns: 10 },
      );
    });
  });
}
