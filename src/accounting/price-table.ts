/** Prices of tokens, in USD per million. */
export interface TokenPrices {
  input: number;
  /** Unknown for some models; cached tokens then cost the full input price, an upper bound. */
  cachedInput?: number;
  /** Thinking is billed as output. */
  output: number;
}

/** What one model costs from one day to another. */
export interface PriceRow {
  /** Without the publisher for Google's models, such as `gemini-2.5-flash`; `publisher/model` for all others. */
  model: string;
  /** First day, as YYYY-MM-DD in UTC. */
  validFrom: string;
  /** Last day, inclusive; open-ended when absent. */
  validUntil?: string;
  usdPer1MTokens: TokenPrices;
  /** Applies to the whole request, output too, once its prompt has more tokens than this. */
  longPrompt?: TokenPrices & { aboveTokens: number };
  /** Where the price was read, and when. */
  source: string;
  /**
   * - `high`: stated by Google for the period;
   * - `medium`: from third parties' price lists that agree with each other;
   * - `low`: sources contradict each other;
   * - `given`: from a price file of the user.
   */
  confidence: 'high' | 'medium' | 'low' | 'given';
}

const priceMaps = 'price maps of LiteLLM and models.dev';

/**
 * Pay-as-you-go list prices for text on the global endpoint. Audio input, which some models price higher, is not told
 * apart by the API's usage and so not here. Most rows trace to price lists of the Gemini Developer API, which Vertex AI's
 * global prices have matched: check them against the invoice, and correct them with a price file. A price that is about
 * to change has one row for each period.
 */
export const priceTable: readonly PriceRow[] = [
  {
    model: 'gemini-3.8-flash',
    validFrom: '2026-08-01',
    validUntil: '2026-12-31',
    usdPer1MTokens: { input: 0.75, cachedInput: 0.075, output: 3.75 },
    source: `${priceMaps}, 2026-09; introductory price`,
    confidence: 'high',
  },
  {
    model: 'gemini-3.8-flash',
    validFrom: '2027-01-01',
    usdPer1MTokens: { input: 1.5, cachedInput: 0.15, output: 7.5 },
    source: `${priceMaps}, 2026-09`,
    confidence: 'high',
  },
  {
    model: 'gemini-3.7-flash',
    validFrom: '2026-01-01',
    validUntil: '2026-12-31',
    usdPer1MTokens: { input: 0.75, cachedInput: 0.075, output: 3.75 },
    source: `${priceMaps}, 2026-08; introductory price, whose end is given as 2026 or 2027`,
    confidence: 'low',
  },
  {
    model: 'gemini-3.7-flash',
    validFrom: '2027-01-01',
    usdPer1MTokens: { input: 1.5, cachedInput: 0.15, output: 7.5 },
    source: `${priceMaps}, 2026-08; the introductory price may last through 2027`,
    confidence: 'low',
  },
  {
    model: 'gemini-3.5-flash',
    validFrom: '2026-01-01',
    usdPer1MTokens: { input: 1.5, cachedInput: 0.15, output: 9 },
    source: `${priceMaps}, 2026`,
    confidence: 'medium',
  },
  {
    model: 'gemini-3.5-flash-lite',
    validFrom: '2026-01-01',
    usdPer1MTokens: { input: 0.3, output: 2.5 },
    source: 'transcription of the Gemini price page by API Evangelist, 2026-10-07',
    confidence: 'medium',
  },
  {
    model: 'gemini-3.1-pro-preview',
    validFrom: '2026-01-01',
    usdPer1MTokens: { input: 2, cachedInput: 0.2, output: 12 },
    longPrompt: { aboveTokens: 200_000, input: 4, cachedInput: 0.4, output: 18 },
    source: `${priceMaps}, 2026`,
    confidence: 'medium',
  },
  {
    model: 'gemini-3.1-flash-lite',
    validFrom: '2026-01-01',
    usdPer1MTokens: { input: 0.25, cachedInput: 0.025, output: 1.5 },
    source: `${priceMaps}, 2026`,
    confidence: 'medium',
  },
  {
    model: 'gemini-3-flash-preview',
    validFrom: '2026-01-01',
    usdPer1MTokens: { input: 0.5, cachedInput: 0.05, output: 3 },
    source: `${priceMaps}, 2026`,
    confidence: 'medium',
  },
  {
    model: 'gemini-2.5-pro',
    validFrom: '2026-01-01',
    usdPer1MTokens: { input: 1.25, cachedInput: 0.125, output: 10 },
    longPrompt: { aboveTokens: 200_000, input: 2.5, cachedInput: 0.25, output: 15 },
    source: `${priceMaps}, 2026`,
    confidence: 'medium',
  },
  {
    model: 'gemini-2.5-flash',
    validFrom: '2026-01-01',
    usdPer1MTokens: { input: 0.3, cachedInput: 0.03, output: 2.5 },
    source: `${priceMaps}, 2026`,
    confidence: 'medium',
  },
  {
    model: 'gemini-2.5-flash-lite',
    validFrom: '2026-01-01',
    usdPer1MTokens: { input: 0.1, cachedInput: 0.01, output: 0.4 },
    source: `${priceMaps}, 2026`,
    confidence: 'medium',
  },
  {
    model: 'gemini-4-argon',
    validFrom: '2026-09-30',
    validUntil: '2026-11-30',
    usdPer1MTokens: { input: 2, cachedInput: 0.1, output: 10 },
    source: `${priceMaps}, 2026-10; introductory price`,
    confidence: 'medium',
  },
  {
    model: 'gemini-4-argon',
    validFrom: '2026-12-01',
    usdPer1MTokens: { input: 4, cachedInput: 0.2, output: 20 },
    source: `${priceMaps}, 2026-10`,
    confidence: 'medium',
  },
  {
    model: 'gemini-4-hydrogen',
    validFrom: '2026-11-12',
    usdPer1MTokens: { input: 1.5, output: 7.5 },
    source: `${priceMaps}, 2026-11`,
    confidence: 'medium',
  },
];
