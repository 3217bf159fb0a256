import type { JsonObject, JsonValue } from '../../../json/value.ts';
import type { Formula } from '../formula.ts';
import { JSON_TYPES } from '../json-type.ts';
import type { Rational } from '../numbers/rational.ts';
import { oneOfValues } from '../value-formula.ts';
import type { Reading } from './reading.ts';

export function readValues(reading: Reading, schema: JsonObject): Formula[] {
  const parts: Formula[] = [];
  const { type, enum: members, const: only } = schema;
  if (type !== undefined) {
    const names = typeof type === 'string' ? [type] : Array.isArray(type) ? (type as readonly JsonValue[]) : [];
    const formulas = names.map((name) => typeFormula(reading, name));
    parts.push(
      names.length === 0 || formulas.includes(undefined)
        ? reading.unclear('type', schema)
        : reading.store.or(formulas.filter(isFormula)),
    );
  }
  if (Array.isArray(members)) parts.push(oneOfValues(reading.store, members as readonly JsonValue[]));
  else if (members !== undefined) parts.push(reading.unclear('enum', schema));
  if (only !== undefined) parts.push(oneOfValues(reading.store, [only]));
  return parts;
}

function typeFormula(reading: Reading, name: JsonValue): Formula | undefined {
  if (name === 'integer')
    return reading.store.literal({ type: 'number', kind: 'multipleOf', step: ONE, negated: false });
  const type = JSON_TYPES.find((candidate) => candidate === name);
  return type === undefined ? undefined : reading.store.ofType(type);
}

const ONE: Rational = { numerator: 1n, denominator: 1n };

function isFormula(value: Formula | undefined): value is Formula {
  return value !== undefined;
}
