import type { JsonObject } from '../../../json/value.ts';
import type { Formula } from '../formula.ts';
import { rationalFromNumber } from '../numbers/rational.ts';
import type { Reading } from './reading.ts';

export function readNumbers(reading: Reading, schema: JsonObject): Formula[] {
  const parts: Formula[] = [];
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const limits = [
    ['minimum', 'atLeast', minimum, exclusiveMinimum === true],
    ['maximum', 'atMost', maximum, exclusiveMaximum === true],
    ['exclusiveMinimum', 'atLeast', typeof exclusiveMinimum === 'boolean' ? undefined : exclusiveMinimum, true],
    ['exclusiveMaximum', 'atMost', typeof exclusiveMaximum === 'boolean' ? undefined : exclusiveMaximum, true],
  ] as const;
  for (const [keyword, kind, value, exclusive] of limits) {
    if (value === undefined) continue;
    const bound = typeof value === 'number' ? rationalFromNumber(value) : undefined;
    parts.push(
      bound === undefined
        ? reading.unclear(keyword, schema)
        : reading.store.keyword({ type: 'number', kind, bound, exclusive }),
    );
  }
  if (multipleOf !== undefined) {
    const step = typeof multipleOf === 'number' && multipleOf > 0 ? rationalFromNumber(multipleOf) : undefined;
    parts.push(
      step === undefined
        ? reading.unclear('multipleOf', schema)
        : reading.store.keyword({ type: 'number', kind: 'multipleOf', step, negated: false }),
    );
  }
  return parts;
}
