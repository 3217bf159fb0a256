import type { JsonObject, JsonValue } from '../../json/value.ts';
import type { FieldName, NumberNode, SchemaNode, StringNode } from './schema-node.ts';

/** A node for whatever a schema leaves open: a text. */
export function anyNode(name: FieldName): SchemaNode {
  return stringNode({}, name);
}

export function stringNode(schema: JsonObject, name: FieldName): StringNode {
  return {
    kind: 'string',
    name,
    format: typeof schema['format'] === 'string' ? schema['format'] : undefined,
    minLength: numberOr(schema['minLength'], 0),
    maxLength: numberOr(schema['maxLength'], Infinity),
    pattern: readPattern(schema['pattern']),
  };
}

function readPattern(pattern: JsonValue | undefined): RegExp | undefined {
  if (typeof pattern !== 'string') return undefined;
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return undefined;
  }
}

export function numberNode(schema: JsonObject, name: FieldName, isInteger: boolean): NumberNode {
  const minimum = numberOr(schema['minimum'], -Infinity);
  const maximum = numberOr(schema['maximum'], Infinity);
  const above = numberOr(schema['exclusiveMinimum'], -Infinity);
  const below = numberOr(schema['exclusiveMaximum'], Infinity);
  return {
    kind: 'number',
    name,
    isInteger,
    minimum: Math.max(minimum, above),
    maximum: Math.min(maximum, below),
    // OpenAPI's older form says it with a boolean.
    excludesMinimum: (above > -Infinity && above >= minimum) || schema['exclusiveMinimum'] === true,
    excludesMaximum: (below < Infinity && below <= maximum) || schema['exclusiveMaximum'] === true,
    multipleOf: typeof schema['multipleOf'] === 'number' && schema['multipleOf'] > 0 ? schema['multipleOf'] : undefined,
  };
}

export function numberOr(value: JsonValue | undefined, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}
