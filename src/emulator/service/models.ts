import { isKnownModel } from './known-models.ts';

/**
 * Ids that were shut down and answer 404. Ids that Google's page of examples still names keep answering, retired or not,
 * so that the page can be tried as it stands.
 */
export const retiredModels: readonly string[] = [
  'google/gemini-1.0-pro',
  'google/gemini-1.5-flash',
  'google/gemini-1.5-flash-001',
  'google/gemini-1.5-flash-002',
  'google/gemini-1.5-pro',
  'google/gemini-1.5-pro-001',
  'google/gemini-1.5-pro-002',
  'google/gemini-2.0-flash',
  'google/gemini-2.0-flash-lite',
  'google/gemini-3-pro-preview',
  'google/gemini-3.1-flash-lite-preview',
];

/** What a model is, and what it refuses beyond what all refuse. */
export interface ModelRules {
  /** Whether the model answers at all; false is 404. */
  isServed: boolean;
  /** Most tokens of a prompt. */
  maxInputTokens: number;
  /** Largest `max_tokens`. */
  maxOutputTokens: number;
  /** Largest `n`. */
  maxCandidates: number;
  acceptsPenalties: boolean;
  /** Whether the model thinks when the request says nothing of thinking. */
  thinksByDefault: boolean;
  thinkingLevels: readonly string[];
  /** Allowed `thinking_budget`, besides -1; null where the model takes levels only. */
  thinkingBudget: { minimum: number; maximum: number; canBeOff: boolean } | null;
  /** Whether a conversation may end with the model's own turn. */
  acceptsPrefill: boolean;
  /** Whether tool calls must come back with their thought signature. */
  wantsSignatures: boolean;
  /** Whether an assistant's turn may hold both text and tool calls. */
  acceptsTextWithCalls: boolean;
  /** Whether the images of one request may differ in `detail`. */
  acceptsMixedDetail: boolean;
  /** Whether schemas pass the schema gate first. */
  hasSchemaGate: boolean;
  /** Quotas of this model; null for the emulator's own. */
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
}

/** A row of the model registry: which models it speaks of, and what differs from the rules they would have otherwise. */
export interface ModelRow extends Partial<ModelRules> {
  /** A model id, such as `google/gemini-3.5-flash`; with a `*` at its end, every id that begins so. */
  model: string;
}

/** Token limits that the Gemini models of 2025 and 2026 share, as their model pages list them. */
const commonRules: ModelRules = {
  isServed: true,
  maxInputTokens: 1_048_576,
  maxOutputTokens: 65_536,
  maxCandidates: 8,
  acceptsPenalties: true,
  thinksByDefault: false,
  thinkingLevels: ['minimal', 'low', 'medium', 'high'],
  thinkingBudget: { minimum: 1, maximum: 32_768, canBeOff: true },
  acceptsPrefill: true,
  wantsSignatures: false,
  acceptsTextWithCalls: true,
  acceptsMixedDetail: true,
  hasSchemaGate: false,
  requestsPerMinute: null,
  tokensPerMinute: null,
};
const gemini3: Partial<ModelRules> = { wantsSignatures: true };
/** Before Gemini 3 one `detail` held for all images of a request. */
const gemini2: Partial<ModelRules> = { acceptsMixedDetail: false };

/** From the models' own pages; the first row that fits counts. */
const knownModels: readonly ModelRow[] = [
  { model: 'google/gemini-2.5-pro*', ...gemini2, thinkingBudget: { minimum: 128, maximum: 32_768, canBeOff: false } },
  { model: 'google/gemini-2.5-*', ...gemini2, thinkingBudget: { minimum: 1, maximum: 24_576, canBeOff: true } },
  { model: 'google/gemini-2*', ...gemini2 },
  { model: 'google/gemini-3.1-pro*', ...gemini3, thinkingLevels: ['low', 'medium', 'high'] },
  // A bare 400 for text beside tool calls was reported for these two on this layer.
  { model: 'google/gemini-3.5-flash-lite*', ...gemini3, acceptsTextWithCalls: false },
  { model: 'google/gemini-3.6-flash*', ...gemini3, acceptsTextWithCalls: false },
  {
    model: 'google/gemini-3.8-flash*',
    ...gemini3,
    maxCandidates: 1,
    acceptsPenalties: false,
    acceptsPrefill: false,
    thinkingLevels: ['low', 'medium', 'high'],
  },
  { model: 'google/gemini-4-hydrogen*', ...gemini3, thinkingLevels: ['low', 'medium', 'high', 'xhigh'] },
  {
    model: 'google/gemini-4-argon*',
    ...gemini3,
    thinkingLevels: ['low', 'medium', 'high'],
    thinkingBudget: null,
  },
];

/** A guard against a client that makes names up, not a limit anyone meets. */
const maxRemembered = 1000;

/** Tells for every model id what it takes. */
export class ModelRegistry {
  readonly #rows: readonly ModelRow[];
  readonly #retired: ReadonlySet<string>;
  readonly #anyModel: boolean;
  readonly #rules = new Map<string, ModelRules>();

  /**
   * @param rows go before what is known of a model; the first that fits counts
   * @param anyModel whether models are served that nothing is known of
   */
  constructor(rows: readonly ModelRow[], retired: readonly string[], anyModel = false) {
    this.#rows = rows;
    this.#retired = new Set(retired);
    this.#anyModel = anyModel;
  }

  rules(model: string): ModelRules {
    let rules = this.#rules.get(model);
    if (rules === undefined) {
      if (this.#rules.size >= maxRemembered) this.#rules.clear();
      rules = this.#work(model);
      this.#rules.set(model, rules);
    }
    return rules;
  }

  /** Whether there is such a model, served or not. */
  knows(model: string): boolean {
    return this.#anyModel || rowFor(this.#rows, model) !== undefined || isKnownModel(model);
  }

  #work(model: string): ModelRules {
    const { model: _known, ...known } =
      rowFor(knownModels, model) ?? (isGemini3(model) ? { model, ...gemini3 } : { model });
    const { model: _own, ...own } = rowFor(this.#rows, model) ?? { model };
    return {
      ...commonRules,
      isServed: this.knows(model) && !this.#retired.has(model),
      thinksByDefault: thinksByDefault(model),
      hasSchemaGate: model.startsWith('google/gemini-'),
      ...known,
      ...own,
    };
  }
}

function rowFor(rows: readonly ModelRow[], id: string): ModelRow | undefined {
  return rows.find(({ model }) => (model.endsWith('*') ? id.startsWith(model.slice(0, -1)) : id === model));
}

function isGemini3(model: string): boolean {
  return /^google\/gemini-[3-9]/.test(model);
}

/** Thinking came with 2.5; the Lite ones and the early painters do not think unasked. */
function thinksByDefault(model: string): boolean {
  const version = /^google\/gemini-(\d+(?:\.\d+)?)-/.exec(`${model}-`)?.[1];
  if (version === undefined || model.includes('-lite')) return false;
  return Number(version) >= (model.includes('-image') ? 3 : 2.5);
}
