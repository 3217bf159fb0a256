/**
 * What a family of models refuses or ignores, as far as it is documented or was seen. It is data: what is not here passes,
 * and so does every model that no row knows.
 */
export interface ModelRule {
  models: RegExp;
  /** Largest `n`. */
  maxCandidates?: number;
  /** False where `frequency_penalty` and `presence_penalty` are errors. */
  takesPenalties?: false;
  /** Thinking levels; others are errors, also as `reasoning_effort`. */
  thinkingLevels?: readonly string[];
  /** Token range of `thinking_budget` and whether it may be 0, which is off; -1, the model's own choice, always may. */
  thinkingBudget?: { minimum: number; maximum: number; canBeOff: boolean };
  /** False where the model takes levels only. */
  takesThinkingBudget?: false;
  /** Parameters without effect. */
  ignores?: readonly ('temperature' | 'top_p')[];
  /** False where the conversation must not end with the model's own turn. */
  takesPrefill?: false;
  /** False where an assistant message with tool calls must have no text. */
  takesTextBesideCalls?: false;
  /** Whether tool calls of the present turn must come back with their thought signature. */
  wantsSignatures?: true;
}

/** All rows that match count. Sources: the models' own pages in Google Cloud's documentation, unless said otherwise. */
export const modelRules: readonly ModelRule[] = [
  {
    models: /^google\/gemini-2\.5-pro/,
    thinkingBudget: { minimum: 128, maximum: 32_768, canBeOff: false },
  },
  {
    models: /^google\/gemini-2\.5-flash(?!-lite|-image)/,
    thinkingBudget: { minimum: 1, maximum: 24_576, canBeOff: true },
  },
  // "Thought signatures": validated for Gemini 3 and later.
  { models: /^google\/gemini-[3-9]/, wantsSignatures: true },
  { models: /^google\/gemini-3\.1-pro/, maxCandidates: 8, thinkingLevels: ['low', 'medium', 'high'] },
  // Seen, not documented: a bare 400 "Request contains an invalid argument."
  { models: /^google\/gemini-3\.(?:6-flash|5-flash-lite)/, takesTextBesideCalls: false },
  {
    models: /^google\/gemini-3\.8-flash(?!-cyber)/,
    maxCandidates: 1,
    takesPenalties: false,
    thinkingLevels: ['low', 'medium', 'high'],
    ignores: ['temperature', 'top_p'],
    takesPrefill: false,
  },
  { models: /^google\/gemini-4-hydrogen/, thinkingLevels: ['low', 'medium', 'high', 'xhigh'] },
  {
    models: /^google\/gemini-4-argon/,
    thinkingLevels: ['low', 'medium', 'high'],
    takesThinkingBudget: false,
  },
];
