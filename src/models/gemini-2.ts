import type { Model, ModelRules } from './model.ts';
import { PRICE_MAPS } from './price.ts';

/** Before Gemini 3 one `detail` held for all images of a request. */
const GEMINI2_RULES: ModelRules = { promptLimit: 1_048_576, outputLimit: 65_536, takesMixedDetail: false };

export const gemini2: readonly Model[] = [
  { id: 'google/gemini-2.0-flash', takesMixedDetail: false, retiredOn: '2026-06-01' },
  { id: 'google/gemini-2.0-flash-lite', takesMixedDetail: false, retiredOn: '2026-06-01' },
  {
    id: 'google/gemini-2.5-pro',
    ...GEMINI2_RULES,
    thinksByDefault: true,
    thinkingBudget: { minimum: 128, maximum: 32_768, canBeOff: false },
    prices: [
      {
        validFrom: '2026-01-01',
        usdPer1MTokens: { input: 1.25, cachedInput: 0.125, output: 10 },
        longPrompt: { aboveTokens: 200_000, input: 2.5, cachedInput: 0.25, output: 15 },
        source: `${PRICE_MAPS}, 2026`,
        confidence: 'medium',
      },
    ],
  },
  {
    id: 'google/gemini-2.5-flash',
    ...GEMINI2_RULES,
    thinksByDefault: true,
    thinkingBudget: { minimum: 1, maximum: 24_576, canBeOff: true },
    prices: [
      {
        validFrom: '2026-01-01',
        usdPer1MTokens: { input: 0.3, cachedInput: 0.03, output: 2.5 },
        source: `${PRICE_MAPS}, 2026`,
        confidence: 'medium',
      },
    ],
  },
  // Its range of thinking budgets is not on its page, and Flash's is not known to hold for it.
  {
    id: 'google/gemini-2.5-flash-lite',
    ...GEMINI2_RULES,
    maxCandidates: 8,
    thinksByDefault: false,
    prices: [
      {
        validFrom: '2026-01-01',
        usdPer1MTokens: { input: 0.1, cachedInput: 0.01, output: 0.4 },
        source: `${PRICE_MAPS}, 2026`,
        confidence: 'medium',
      },
    ],
  },
  { id: 'google/gemini-2.5-flash-image', takesMixedDetail: false, thinksByDefault: false },
];
