import { counted } from '../text/counted.ts';
import type { JsonValue } from '../json/value.ts';
import { byValues, type ComparedLeaf, type Comparators } from './compare-record.ts';
import type { GoldDoubt } from './comparator.ts';

/** Gold values that could not be read as what their field holds. */
export class GoldDoubts {
  readonly #comparators: Comparators;
  readonly #found = new Map<string, { field: string; doubt: GoldDoubt; count: number; example: JsonValue }>();

  constructor(comparators: Comparators) {
    this.#comparators = comparators;
  }

  /** Looks at a value that did not match. */
  add({ field, status, gold, answer }: ComparedLeaf): void {
    if (status !== 'mismatch' || gold === undefined || answer === undefined) return;
    const comparator = this.#comparators.get(field) ?? byValues(gold, answer);
    const doubt = comparator.kind === 'list' ? undefined : comparator.doubtOf?.(gold, answer);
    if (doubt === undefined) return;
    const key = `${doubt} ${field}`;
    const known = this.#found.get(key);
    if (known === undefined) this.#found.set(key, { field, doubt, count: 1, example: gold });
    else known.count += 1;
  }

  /** A sentence for each field and doubt, the most frequent first. */
  sentences(): string[] {
    const found = [...this.#found.values()].sort((one, other) => other.count - one.count);
    return found.map(
      ({ field, doubt, count, example }) =>
        `${counted(count, 'gold value')} of ${field} ${SAID[doubt](count)}, such as ${JSON.stringify(example)}; ${ADVICE[doubt](field)}`,
    );
  }
}

const SAID: Record<GoldDoubt, (count: number) => string> = {
  'no-number': (count) => (count === 1 ? 'is no number' : 'are no numbers'),
  'open-number': (count) => (count === 1 ? 'may be two numbers' : 'may be two numbers each'),
  'no-date': (count) => (count === 1 ? 'is no date' : 'are no dates'),
  'open-date': (count) => (count === 1 ? 'may mean several days' : 'may mean several days each'),
  'no-text': (count) => (count === 1 ? 'is no text' : 'are no texts'),
};

const ADVICE: Record<GoldDoubt, (field: string) => string> = {
  'no-number': () => 'only the same letters match: write numbers in the gold',
  'open-number': (field) =>
    `a point was taken to stand before fractions; where it is a comma, say so in the definition: evaluate: { ${propertyName(field)}: numeric({ decimal: ',' }) }`,
  'no-date': () => 'only the same letters match: write dates as 2026-01-31',
  'open-date': (field) =>
    `say which number stands first, in the definition: evaluate: { ${propertyName(field)}: date({ order: 'day-first' }) }`,
  'no-text': () => 'the results have texts there: write the gold as the text that is right, in quotes',
};

function propertyName(field: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(field) ? field : `'${field.replaceAll(/['\\]/g, '\\$&')}'`;
}
