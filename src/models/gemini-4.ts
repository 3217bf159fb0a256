import type { Model, ModelRules } from './model.ts';
import { PRICE_MAPS } from './price.ts';

/** Prompt and answer share one window, so that the window bounds the prompt. */
const GEMINI4_RULES: ModelRules = {
  promptLimit: 1_048_576,
  outputLimit: 65_536,
  thinksByDefault: true,
  wantsSignatures: true,
};

export const gemini4: readonly Model[] = [
  {
    id: 'google/gemini-4-argon',
    ...GEMINI4_RULES,
    thinkingLevels: ['low', 'medium', 'high'],
    thinkingBudget: false,
    prices: [
      {
        validFrom: '2026-09-30',
        validUntil: '2026-11-30',
        usdPer1MTokens: { input: 2, cachedInput: 0.1, output: 10 },
        source: `${PRICE_MAPS}, 2026-10; introductory price`,
        confidence: 'medium',
      },
      {
        validFrom: '2026-12-01',
        usdPer1MTokens: { input: 4, cachedInput: 0.2, output: 20 },
        source: `${PRICE_MAPS}, 2026-10`,
        confidence: 'medium',
      },
    ],
  },
  {
    id: 'google/gemini-4-hydrogen',
    ...GEMINI4_RULES,
    thinkingLevels: ['low', 'medium', 'high', 'xhigh'],
    prices: [
      {
        validFrom: '2026-11-12',
        usdPer1MTokens: { input: 1.5, output: 7.5 },
        source: `${PRICE_MAPS}, 2026-11`,
        confidence: 'medium',
      },
    ],
  },
];
