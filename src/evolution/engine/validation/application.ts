import type { JsonValue } from '../../../json/value.ts';
import type { Draft } from '../draft.ts';
import type { Verdict } from './verdict.ts';

/** What keywords that hold other schemas ask of the validator they are part of. */
export interface Application {
  readonly draft: Draft;
  /** Whether any keyword asks what others have evaluated; keeping book of it is the larger part of the work. */
  readonly isSeeing: boolean;
  apply(schema: JsonValue, value: JsonValue, at: string): Verdict;
  matches(keyword: string, pattern: JsonValue, text: string): boolean;
  /** Equal texts mean equal values. */
  textOf(value: JsonValue): string;
  spend(steps: number): void;
}
