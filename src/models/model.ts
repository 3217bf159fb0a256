import type { PricePeriod } from './price.ts';

/** Levels of thinking that some model takes, least first. */
export const THINKING_LEVELS: readonly string[] = ['minimal', 'low', 'medium', 'high', 'xhigh'];

/**
 * What a model takes and refuses, as far as it is documented or was seen. What is absent is not known: the client lets it
 * pass, and the emulator does as most models do.
 */
export interface ModelRules {
  /** Most tokens of a prompt. */
  promptLimit?: number;
  /** Most tokens of an answer, thinking included; also the largest `max_tokens`. */
  outputLimit?: number;
  /** Largest `n`. */
  maxCandidates?: number;
  /** False where `frequency_penalty` and `presence_penalty` are errors. */
  takesPenalties?: false;
  /** Whether the model thinks when the request says nothing of thinking. */
  thinksByDefault?: boolean;
  /** Thinking levels; others are errors, also as `reasoning_effort`. */
  thinkingLevels?: readonly string[];
  /**
   * Token range of `thinking_budget` and whether it may be 0, which is off; -1, the model's own choice, always may. False where
   * the model takes levels only.
   */
  thinkingBudget?: { minimum: number; maximum: number; canBeOff: boolean } | false;
  /** Parameters without effect. */
  ignores?: readonly ('temperature' | 'top_p')[];
  /** False where the conversation must not end with the model's own turn. */
  takesPrefill?: false;
  /** False where an assistant message with tool calls must have no text. */
  takesTextBesideCalls?: false;
  /** False where all images of a request must have one `detail`. */
  takesMixedDetail?: false;
  /** Whether tool calls of the present turn must come back with their thought signature. */
  wantsSignatures?: true;
}

/** A row of the registry: all that gleaner knows of one model. */
export interface Model extends ModelRules {
  /** As requests name it: `publisher/model`. Its fixed versions and dated previews follow the row, but for the prices. */
  id: string;
  /** The day on which it was shut down, as YYYY-MM-DD. */
  retiredOn?: string;
  /** One for each period with a price of its own. */
  prices?: readonly PricePeriod[];
}
