import { isKnownModel, models, rulesOf } from '../../models/registry.ts';

/**
 * Ids that were shut down and answer 404. Ids that Google's page of examples still names keep answering, retired or not,
 * so that the page can be tried as it stands.
 */
export const retiredModels: readonly string[] = models
  .filter(({ retiredOn }) => retiredOn !== undefined)
  .map(({ id }) => id);

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

/** What holds for a model where nothing else is known of it. */
const COMMON_RULES: ModelRules = {
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
/** A guard against a client that makes names up, not a limit anyone meets. */
const MAX_REMEMBERED = 1000;

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
      if (this.#rules.size >= MAX_REMEMBERED) this.#rules.clear();
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
    const { model: _own, ...own } = rowFor(this.#rows, model) ?? { model };
    return {
      ...COMMON_RULES,
      isServed: this.knows(model) && !this.#retired.has(model),
      hasSchemaGate: model.startsWith('google/gemini-'),
      ...knownRules(model),
      ...own,
    };
  }
}

function rowFor(rows: readonly ModelRow[], id: string): ModelRow | undefined {
  return rows.find(({ model }) => (model.endsWith('*') ? id.startsWith(model.slice(0, -1)) : id === model));
}

/** What the registry of models says, in the emulator's terms. */
function knownRules(model: string): Partial<ModelRules> {
  const rules = rulesOf(model);
  const { promptLimit, outputLimit, maxCandidates, thinksByDefault, thinkingLevels, thinkingBudget } = rules;
  return {
    ...(promptLimit !== undefined && { maxInputTokens: promptLimit }),
    ...(outputLimit !== undefined && { maxOutputTokens: outputLimit }),
    ...(maxCandidates !== undefined && { maxCandidates }),
    ...(thinksByDefault !== undefined && { thinksByDefault }),
    ...(thinkingLevels !== undefined && { thinkingLevels }),
    ...(thinkingBudget !== undefined && { thinkingBudget: thinkingBudget === false ? null : thinkingBudget }),
    acceptsPenalties: rules.takesPenalties !== false,
    acceptsPrefill: rules.takesPrefill !== false,
    acceptsTextWithCalls: rules.takesTextBesideCalls !== false,
    acceptsMixedDetail: rules.takesMixedDetail !== false,
    wantsSignatures: rules.wantsSignatures === true,
  };
}
