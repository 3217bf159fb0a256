/** Something sent: when, in milliseconds, and how much of a quota it takes. */
export interface Sent {
  at: number;
  amount: number;
}

/** The most that was sent within any 60 seconds; `sent` is in order of time. */
export function worstMinute(sent: readonly Sent[]): number {
  let worst = 0;
  let sum = 0;
  let first = 0;
  for (const { at, amount } of sent) {
    sum += amount;
    for (let oldest = sent[first]; oldest !== undefined && oldest.at <= at - 60_000; oldest = sent[first]) {
      sum -= oldest.amount;
      first += 1;
    }
    worst = Math.max(worst, sum);
  }
  return worst;
}

/** What was sent per minute between two times. */
export function perMinute(sent: readonly Sent[], from: number, to: number): number {
  let sum = 0;
  for (const { at, amount } of sent) if (at >= from && at < to) sum += amount;
  return (sum * 60_000) / (to - from);
}
