import type { JsonValue } from '../../json/value.ts';
import { fitNumber } from './fit.ts';
import { hashText } from './random.ts';
import type { SchemaNode } from './schema-node.ts';

/** A value unlike the given one where the schema leaves room for it, to fill arrays of distinct items. */
export function variant(node: SchemaNode, value: JsonValue, salt: number): JsonValue {
  if (node.kind === 'number' && typeof value === 'number') {
    const step = node.multipleOf ?? 1;
    const up = fitNumber(value + step * salt, node);
    return up === value ? fitNumber(value - step * salt, node) : up;
  }
  if (node.kind === 'enum') return node.values[salt % node.values.length] ?? value;
  if (node.kind === 'boolean') return salt % 2 === 0;
  if (node.kind === 'string' && typeof value === 'string' && node.pattern === undefined && node.format === undefined) {
    const suffix = hashText(String(salt)).toString(36);
    const room = Math.min(node.maxLength, 200) - suffix.length;
    return room < 0 ? suffix.slice(0, node.maxLength) : value.slice(0, room) + suffix;
  }
  return value;
}
