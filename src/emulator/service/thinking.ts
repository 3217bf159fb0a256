import { isJsonObject, type JsonObject } from '../../json/value.ts';
import { invalidArgument, type GoogleError } from './google-error.ts';
import type { ModelRules } from './models.ts';
import { fraction } from '../answers/random.ts';

/** How much a request lets the model think. */
export interface Thinking {
  /** Upper bound in tokens; 0 is no thinking at all. */
  budget: number;
  /** Whether the request asked for it, or the model does it by itself. */
  isRequested: boolean;
  /** Whether the thoughts stand before the answer, and in which tag; untagged they spoil JSON, as with the service. */
  shown?: { marker: string | undefined };
}

/** Budgets of `reasoning_effort` are documented; those of the levels are of the same size. */
const BUDGETS: ReadonlyMap<string, number> = new Map([
  ['none', 0],
  ['minimal', 256],
  ['low', 1024],
  ['medium', 8192],
  ['high', 24_576],
  ['xhigh', 32_768],
]);

/** Reads `reasoning_effort` or `extra_body.google.thinking_config`, which exclude each other. */
export function readThinking(rules: ModelRules, body: JsonObject): Thinking | GoogleError {
  const thinking = readBudget(rules, body);
  const google = googleOptions(body);
  const config = google['thinking_config'];
  if ('code' in thinking || !isJsonObject(config) || config['include_thoughts'] !== true) return thinking;
  const marker = google['thought_tag_marker'];
  return { ...thinking, shown: { marker: typeof marker === 'string' ? marker : undefined } };
}

/** `extra_body.google`, where Google's own options travel. */
export function googleOptions(body: JsonObject): JsonObject {
  const extraBody = body['extra_body'];
  const google = isJsonObject(extraBody) ? extraBody['google'] : undefined;
  return isJsonObject(google) ? google : {};
}

/** What the model was "thinking", as the request wants to see it. */
export function shownThoughts({ shown }: Thinking, tokens: number): string {
  if (shown === undefined || tokens === 0) return '';
  const thoughts = 'The text is looked through for labels and patterns.';
  return shown.marker === undefined ? `${thoughts}\n` : `<${shown.marker}>${thoughts}</${shown.marker}>`;
}

function readBudget(rules: ModelRules, body: JsonObject): Thinking | GoogleError {
  const effort = body['reasoning_effort'] ?? undefined;
  const config = googleOptions(body)['thinking_config'];
  if (effort !== undefined && config !== undefined) {
    return invalidArgument('Only one of reasoning_effort and extra_body.google.thinking_config can be set.');
  }
  if (effort !== undefined) return fromName(rules, 'reasoning_effort', effort);
  if (!isJsonObject(config)) return byDefault(rules);
  const budget = config['thinking_budget'];
  const level = config['thinking_level'];
  if (budget !== undefined && level !== undefined) {
    return invalidArgument('Only one of thinking_budget and thinking_level can be set.');
  }
  if (level !== undefined) return fromName(rules, 'thinking_level', level);
  // A budget of -1 leaves the amount to the model.
  if (budget === undefined || budget === -1) return { budget: 8192, isRequested: config['include_thoughts'] === true };
  const range = rules.thinkingBudget;
  if (range === null) return invalidArgument('thinking_budget is not supported by this model; use thinking_level.');
  const isOff = budget === 0 && range.canBeOff;
  const isWithin = typeof budget === 'number' && budget >= range.minimum && budget <= range.maximum;
  if (typeof budget !== 'number' || !Number.isInteger(budget) || !(isOff || isWithin)) {
    const { minimum, maximum } = range;
    return invalidArgument(
      `thinking_budget is out of range; supported values are integers from ${minimum} to ${maximum}`,
    );
  }
  return { budget, isRequested: true };
}

function fromName({ thinkingLevels }: ModelRules, key: string, name: unknown): Thinking | GoogleError {
  const level = typeof name === 'string' ? name.toLowerCase() : '';
  const budget = BUDGETS.get(level);
  // "none" is a budget of 0 in disguise: left to the models to ignore, it turns thinking off here.
  if (budget === undefined || !(level === 'none' || thinkingLevels.includes(level))) {
    return invalidArgument(`Invalid value at '${key}': supported values are ${thinkingLevels.join(', ')}.`);
  }
  return { budget, isRequested: true };
}

function byDefault({ thinksByDefault }: ModelRules): Thinking {
  return { budget: thinksByDefault ? 8192 : 0, isRequested: false };
}

/** Thinking tokens of one answer: below the budget, growing with its root, the same for the same prompt. */
export function reasoningTokens({ budget, isRequested }: Thinking, ...draw: readonly number[]): number {
  if (budget <= 0) return 0;
  const typical = Math.sqrt(budget) * (isRequested ? 6 : 2);
  return Math.min(budget, Math.ceil(typical * (0.25 + 1.5 * fraction(...draw))));
}
