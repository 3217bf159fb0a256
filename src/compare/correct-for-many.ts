/**
 * Corrects probabilities of many tests for their number, so that the chance of any false alarm among all of them stays the chance of one
 * (Holm, A simple sequentially rejective multiple test procedure, 1979). The order is kept.
 */
export function correctForMany(probabilities: readonly number[]): number[] {
  const order = probabilities.map((probability, index) => ({ probability, index }));
  order.sort((left, right) => left.probability - right.probability);
  const corrected = Array.from<number>({ length: probabilities.length });
  let largest = 0;
  for (const [rank, { probability, index }] of order.entries()) {
    largest = Math.min(1, Math.max(largest, probability * (order.length - rank)));
    corrected[index] = largest;
  }
  return corrected;
}
