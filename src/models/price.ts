/** Prices of tokens, in USD per million. */
export interface TokenPrices {
  input: number;
  /** Unknown for some models; cached tokens then cost the full input price, an upper bound. */
  cachedInput?: number;
  /** Thinking is billed as output. */
  output: number;
}

/** What a model costs from one day to another. A price that is about to change has one for each period. */
export interface PricePeriod {
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

/** Of the built-in prices most trace to these, which follow the price lists of the Gemini Developer API. */
export const PRICE_MAPS = 'price maps of LiteLLM and models.dev';
