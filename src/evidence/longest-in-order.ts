/** A stretch of a text. */
interface Stretch {
  start: number;
  end: number;
}

/**
 * Chooses at most one of its stretches for each item so that as many items as possible follow each other in the text without
 * overlaps; of equal choices the one that ends first. Items without a place in that order get undefined.
 *
 * Keeps for every count of items the earliest end that so many can have; the work is the number of stretches times the logarithm of
 * the number of items.
 */
export function longestInOrder(items: readonly (readonly Stretch[])[]): (number | undefined)[] {
  interface Link {
    item: number;
    choice: number;
    end: number;
    before: Link | undefined;
  }
  const chains: Link[] = [];
  for (const [item, stretches] of items.entries()) {
    // Later stretches first: an item must not follow itself.
    for (let choice = stretches.length - 1; choice >= 0; choice -= 1) {
      const { start = 0, end = 0 } = stretches[choice] ?? {};
      const count = chainsEndingBy(chains, start);
      const known = chains[count];
      if (known !== undefined && known.end <= end) continue;
      chains[count] = { item, choice, end, before: chains[count - 1] };
    }
  }
  const chosen: (number | undefined)[] = items.map(() => undefined);
  for (let link = chains.at(-1); link !== undefined; link = link.before) chosen[link.item] = link.choice;
  return chosen;
}

/** How many chains, which have rising ends, end at a place or before it. */
function chainsEndingBy(chains: readonly { end: number }[], place: number): number {
  let low = 0;
  let high = chains.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((chains[middle]?.end ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}
