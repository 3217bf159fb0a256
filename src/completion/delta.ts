import type { TokenUsage } from './usage.ts';

/**
 * One step of an answer that arrives in pieces. Only the first choice is told of; the assembled completion's `raw` has all.
 */
export type CompletionDelta =
  | { type: 'text-delta'; text: string }
  /** Needs `include_thoughts`, and a `thought_tag_marker` to tell thoughts from text. */
  | { type: 'thought-delta'; text: string }
  /** `position` is the call's place in `Completion.toolCalls`. */
  | { type: 'tool-call-start'; position: number; id: string; name: string }
  | { type: 'tool-call-delta'; position: number; argumentsText: string }
  | { type: 'finish'; reason: string }
  /** The last one counts; it comes after `finish`. */
  | { type: 'usage'; usage: TokenUsage; trafficType: string | undefined };
