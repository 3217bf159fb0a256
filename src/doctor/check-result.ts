/** What a check of the surroundings found. */
export interface CheckResult {
  /** Such as `credentials`. */
  name: string;
  /** `skipped` where it was not asked for, or another check failed that it rests on. */
  status: 'ok' | 'warning' | 'failed' | 'skipped';
  /** What was found. */
  message: string;
  /** What to do about it, where there is something to do. */
  advice?: string;
}
