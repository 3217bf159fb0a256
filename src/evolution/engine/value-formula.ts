import type { JsonValue } from '../../json/value.ts';
import type { Formula } from './formula.ts';
import type { FormulaStore } from './formula-store.ts';
import { rationalFromNumber, type Rational } from './numbers/rational.ts';

/** Exactly the given values, as JSON Schema compares them: numbers by value, objects without order. */
export function oneOfValues(store: FormulaStore, values: readonly JsonValue[]): Formula {
  const strings = new Set<string>();
  const numbers = new Map<number, Rational>();
  const others: Formula[] = [];
  for (const value of values) {
    if (typeof value === 'string') strings.add(value);
    else if (typeof value === 'number') {
      const exact = rationalFromNumber(value);
      if (exact !== undefined) numbers.set(value, exact);
    } else others.push(otherValue(store, value));
  }
  return store.or([
    ...others,
    store.literal({ type: 'string', kind: 'oneOf', values: strings, negated: false }),
    store.literal({ type: 'number', kind: 'oneOf', values: [...numbers.values()], negated: false }),
  ]);
}

function otherValue(store: FormulaStore, value: Exclude<JsonValue, string | number>): Formula {
  if (value === null) return store.ofType('null');
  if (typeof value === 'boolean') return store.literal({ type: 'boolean', kind: 'is', value });
  if (Array.isArray(value)) {
    const items = value as readonly JsonValue[];
    return store.and([
      store.literal({ type: 'array', kind: 'minItems', count: items.length }),
      store.literal({ type: 'array', kind: 'maxItems', count: items.length }),
      ...items.map((item, from) =>
        store.literal({ type: 'array', kind: 'everyItem', from, to: from + 1, formula: oneOfValues(store, [item]) }),
      ),
    ]);
  }
  const entries = Object.entries(value);
  const known = new Set(entries.map(([name]) => name));
  const others = store.literal({ type: 'string', kind: 'oneOf', values: known, negated: true });
  return store.and([
    store.literal({ type: 'object', kind: 'everyProperty', names: others, formula: store.false }),
    ...entries.map(([name, member]) =>
      store.literal({
        type: 'object',
        kind: 'someProperty',
        names: store.name(name),
        formula: oneOfValues(store, [member ?? null]),
      }),
    ),
  ]);
}
