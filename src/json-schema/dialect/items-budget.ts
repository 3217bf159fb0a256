import type { Conversion } from './conversion.ts';
import { addWords, counted } from './words.ts';

/** Requests fail where `maxItems` adds up to more than about 960 over the schema; half of it leaves room for the rest. */
const ITEMS_BUDGET = 500;

/** Puts bounds of arrays into words, the largest first, until those that are left are within the budget. */
export function fitItemsBudget(conversion: Conversion, isInUse: (path: string) => boolean): void {
  const costs = conversion.boundedArrays
    .filter(({ path }) => isInUse(path))
    .map((bounded) => ({ ...bounded, cost: Number(bounded.schema['maxItems'] ?? bounded.schema['minItems'] ?? 0) }))
    .sort((left, right) => right.cost - left.cost);
  let sum = costs.reduce((total, { cost }) => total + cost, 0);
  for (const { schema, path, cost } of costs) {
    if (sum < ITEMS_BUDGET) break;
    sum -= cost;
    const words: string[] = [];
    for (const keyword of ['minItems', 'maxItems'] as const) {
      if (schema[keyword] === undefined) continue;
      const bound = `${keyword === 'minItems' ? 'at least' : 'at most'} ${counted(schema[keyword], 'item')}`;
      words.push(bound);
      const detail = `"${bound}": bounds of arrays may add up to ${ITEMS_BUDGET - 1} at most`;
      conversion.lose(path, keyword, 'described', detail);
      delete schema[keyword];
    }
    addWords(schema, words);
  }
}
