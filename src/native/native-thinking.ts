import type { ChatRequest, GoogleOptions } from '../completion/request.ts';
import type { JsonObject } from '../json/value.ts';
import { rulesOf } from '../models/registry.ts';

/** Budgets that the chat API gives for its efforts, for models that think by budget. */
const BUDGETS: Readonly<Record<string, number>> = { none: 0, minimal: 0, low: 1024, medium: 8192, high: 24_576 };

/** What a request says of thinking, in native words; undefined where it says nothing. */
export function toThinkingConfig({
  model,
  reasoning_effort: effort,
  extra_body: extra,
}: Pick<ChatRequest, 'model' | 'reasoning_effort' | 'extra_body'>): JsonObject | undefined {
  const given: GoogleOptions['thinking_config'] = extra?.google.thinking_config;
  if (given !== undefined) {
    return {
      ...(given.thinking_budget === undefined ? {} : { thinkingBudget: given.thinking_budget }),
      ...(given.thinking_level === undefined ? {} : { thinkingLevel: given.thinking_level.toUpperCase() }),
      ...(given.include_thoughts === undefined ? {} : { includeThoughts: given.include_thoughts }),
    };
  }
  if (effort === undefined) return undefined;
  // "none" is no level but a budget of 0.
  if (effort === 'none' || !thinksByLevel(model)) return { thinkingBudget: BUDGETS[effort] ?? 0 };
  return { thinkingLevel: effort.toUpperCase() };
}

function thinksByLevel(model: string | undefined): boolean {
  if (model === undefined) return false;
  const { thinkingLevels, thinkingBudget } = rulesOf(model);
  if (thinkingLevels !== undefined || thinkingBudget === false) return true;
  return Number(/gemini-(\d+)/.exec(model)?.[1] ?? 0) >= 3;
}
