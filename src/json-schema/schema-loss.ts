/** One thing the provider's schema subset cannot say, and what became of it. */
export interface SchemaLoss {
  /** JSON pointer into the derived schema, such as `/properties/total`. */
  path: string;
  /** The keyword that was changed or left out. */
  keyword: string;
  /** What was done, such as "moved into the description". */
  action: 'described' | 'dropped' | 'rewritten';
  detail: string;
  /** Whether the user's schema still enforces it on every answer. */
  enforcedLocally: boolean;
}
