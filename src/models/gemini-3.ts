import type { Model, ModelRules } from './model.ts';
import { PRICE_MAPS } from './price.ts';

/** "Thought signatures": validated for Gemini 3 and later. */
const GEMINI3_RULES: ModelRules = {
  promptLimit: 1_048_576,
  outputLimit: 65_536,
  thinksByDefault: true,
  wantsSignatures: true,
};

export const gemini3: readonly Model[] = [
  {
    id: 'google/gemini-3-flash-preview',
    ...GEMINI3_RULES,
    prices: [
      {
        validFrom: '2026-01-01',
        usdPer1MTokens: { input: 0.5, cachedInput: 0.05, output: 3 },
        source: `${PRICE_MAPS}, 2026`,
        confidence: 'medium',
      },
    ],
  },
  { id: 'google/gemini-3-pro-preview', ...GEMINI3_RULES, retiredOn: '2026-03-09' },
  { id: 'google/gemini-3-pro-image', wantsSignatures: true, thinksByDefault: true },
  {
    id: 'google/gemini-3.1-pro-preview',
    ...GEMINI3_RULES,
    maxCandidates: 8,
    thinkingLevels: ['low', 'medium', 'high'],
    prices: [
      {
        validFrom: '2026-01-01',
        usdPer1MTokens: { input: 2, cachedInput: 0.2, output: 12 },
        longPrompt: { aboveTokens: 200_000, input: 4, cachedInput: 0.4, output: 18 },
        source: `${PRICE_MAPS}, 2026`,
        confidence: 'medium',
      },
    ],
  },
  {
    id: 'google/gemini-3.1-flash-lite',
    ...GEMINI3_RULES,
    thinksByDefault: false,
    prices: [
      {
        validFrom: '2026-01-01',
        usdPer1MTokens: { input: 0.25, cachedInput: 0.025, output: 1.5 },
        source: `${PRICE_MAPS}, 2026`,
        confidence: 'medium',
      },
    ],
  },
  { id: 'google/gemini-3.1-flash-lite-preview', ...GEMINI3_RULES, thinksByDefault: false, retiredOn: '2026-05-25' },
  { id: 'google/gemini-3.1-flash-image', wantsSignatures: true, thinksByDefault: true },
  { id: 'google/gemini-3.1-flash-lite-image', wantsSignatures: true, thinksByDefault: false },
  {
    id: 'google/gemini-3.5-flash',
    ...GEMINI3_RULES,
    prices: [
      {
        validFrom: '2026-01-01',
        usdPer1MTokens: { input: 1.5, cachedInput: 0.15, output: 9 },
        source: `${PRICE_MAPS}, 2026`,
        confidence: 'medium',
      },
    ],
  },
  {
    id: 'google/gemini-3.5-flash-lite',
    ...GEMINI3_RULES,
    thinksByDefault: false,
    // Seen, not documented: a bare 400 "Request contains an invalid argument."
    takesTextBesideCalls: false,
    prices: [
      {
        validFrom: '2026-01-01',
        usdPer1MTokens: { input: 0.3, output: 2.5 },
        source: 'transcription of the Gemini price page by API Evangelist, 2026-10-07',
        confidence: 'medium',
      },
    ],
  },
  // Text beside calls: seen like that of 3.5 Flash-Lite.
  { id: 'google/gemini-3.6-flash', ...GEMINI3_RULES, takesTextBesideCalls: false },
  {
    id: 'google/gemini-3.7-flash',
    ...GEMINI3_RULES,
    prices: [
      {
        validFrom: '2026-01-01',
        validUntil: '2026-12-31',
        usdPer1MTokens: { input: 0.75, cachedInput: 0.075, output: 3.75 },
        source: `${PRICE_MAPS}, 2026-08; introductory price, whose end is given as 2026 or 2027`,
        confidence: 'low',
      },
      {
        validFrom: '2027-01-01',
        usdPer1MTokens: { input: 1.5, cachedInput: 0.15, output: 7.5 },
        source: `${PRICE_MAPS}, 2026-08; the introductory price may last through 2027`,
        confidence: 'low',
      },
    ],
  },
  {
    id: 'google/gemini-3.8-flash',
    ...GEMINI3_RULES,
    maxCandidates: 1,
    takesPenalties: false,
    thinkingLevels: ['low', 'medium', 'high'],
    ignores: ['temperature', 'top_p'],
    takesPrefill: false,
    prices: [
      {
        validFrom: '2026-08-01',
        validUntil: '2026-12-31',
        usdPer1MTokens: { input: 0.75, cachedInput: 0.075, output: 3.75 },
        source: `${PRICE_MAPS}, 2026-09; introductory price`,
        confidence: 'high',
      },
      {
        validFrom: '2027-01-01',
        usdPer1MTokens: { input: 1.5, cachedInput: 0.15, output: 7.5 },
        source: `${PRICE_MAPS}, 2026-09`,
        confidence: 'high',
      },
    ],
  },
  // A model of its own, to which the rules of 3.8 Flash are not known to apply.
  { id: 'google/gemini-3.8-flash-cyber', ...GEMINI3_RULES },
];
