import type { JsonValue } from '../../json/value.ts';
import type { Meaning } from './field-meaning.ts';

/** What a place in the schema is called: its property name, as words and as a meaning. */
export interface FieldName {
  words: readonly string[];
  meaning: Meaning | undefined;
  /** The field's description in the schema; '' where it has none. */
  description: string;
}

/** A JSON Schema made ready for generating: references found, alternatives sorted out. */
export type SchemaNode =
  | ObjectNode
  | ArrayNode
  | StringNode
  | NumberNode
  | { kind: 'boolean'; name: FieldName }
  | { kind: 'null' }
  | { kind: 'enum'; name: FieldName; values: readonly JsonValue[] }
  | { kind: 'choice'; branches: readonly SchemaNode[] }
  | ReferenceNode;

export interface ObjectNode {
  kind: 'object';
  properties: readonly { name: string; isRequired: boolean; node: SchemaNode }[];
  /** For keys beyond `properties`; undefined where none may be added. */
  extra: SchemaNode | undefined;
  /** Whether it is made for free keys: a map, rather than an object that merely tolerates them. */
  isMap: boolean;
  minProperties: number;
}

export interface ArrayNode {
  kind: 'array';
  name: FieldName;
  prefix: readonly SchemaNode[];
  item: SchemaNode;
  minItems: number;
  maxItems: number;
  isUnique: boolean;
}

export interface StringNode {
  kind: 'string';
  name: FieldName;
  format: string | undefined;
  minLength: number;
  maxLength: number;
  pattern: RegExp | undefined;
}

export interface NumberNode {
  kind: 'number';
  name: FieldName;
  isInteger: boolean;
  minimum: number;
  maximum: number;
  excludesMinimum: boolean;
  excludesMaximum: boolean;
  multipleOf: number | undefined;
}

/** A definition used by name; the only way a schema can contain itself. */
export interface ReferenceNode {
  kind: 'reference';
  target: SchemaNode;
  /** Levels the smallest value below it has; `Infinity` where there is no finite one. */
  height: number;
}

/** Levels of the smallest value a node allows. */
export function nodeHeight(node: SchemaNode): number {
  switch (node.kind) {
    case 'object': {
      const heights = node.properties
        .filter(({ isRequired }) => isRequired)
        .map((property) => nodeHeight(property.node));
      if (node.extra !== undefined && node.minProperties > heights.length) heights.push(nodeHeight(node.extra));
      return 1 + Math.max(0, ...heights);
    }
    case 'array': {
      const heights = node.prefix.slice(0, node.minItems).map(nodeHeight);
      if (node.minItems > node.prefix.length) heights.push(nodeHeight(node.item));
      return 1 + Math.max(0, ...heights);
    }
    case 'choice':
      return Math.min(...node.branches.map(nodeHeight));
    case 'reference':
      return node.height;
    default:
      return 0;
  }
}
