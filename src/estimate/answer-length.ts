import { resolveReference } from '../json-schema/schema-reference.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { roughTokenCount } from '../pacing/token-estimate.ts';
import { addSpans, mapSpan, type Span } from './span.ts';

const TEXT: Span = { low: 2, expected: 12, high: 60 };
const NUMBER: Span = { low: 1, expected: 4, high: 9 };
const WORD: Span = { low: 1, expected: 1, high: 2 };
const LIST: Span = { low: 0, expected: 3, high: 12 };
const NOTHING: Span = { low: 0, expected: 0, high: 0 };
const MAX_DEPTH = 6;

/** About how many tokens an answer has, by its schema alone: short texts and empty lists, or long ones. */
export function answerLength(schema: JsonObject): Span {
  return lengthOf(schema, schema, 0);
}

function lengthOf(schema: JsonValue | undefined, root: JsonObject, depth: number): Span {
  if (!isJsonObject(schema) || depth > MAX_DEPTH) return TEXT;
  const target = resolveReference(root, schema['$ref']);
  if (target !== undefined) return lengthOf(target, root, depth + 1);
  const branches = [schema['anyOf'], schema['oneOf']].find((list) => Array.isArray(list)) as JsonValue[] | undefined;
  if (branches !== undefined) return anyOf(branches.map((branch) => lengthOf(branch, root, depth + 1)));
  const { enum: values, type } = schema;
  if (Array.isArray(values)) return anyOf(values.map((value) => exactly(JSON.stringify(value))));
  if ('const' in schema) return exactly(JSON.stringify(schema['const']));
  if (Array.isArray(type)) return anyOf(type.map((one) => lengthOf({ ...schema, type: one }, root, depth + 1)));
  switch (type) {
    case 'object':
      return objectLength(schema, root, depth);
    case 'array':
      return listLength(schema, root, depth);
    case 'number':
    case 'integer':
      return NUMBER;
    case 'boolean':
    case 'null':
      return WORD;
    default:
      return textLength(schema['maxLength']);
  }
}

function objectLength({ properties }: JsonObject, root: JsonObject, depth: number): Span {
  if (!isJsonObject(properties)) return TEXT;
  return Object.entries(properties).reduce(
    (sum, [name, member]) => addSpans(sum, addSpans(exactly(`"${name}":,`), lengthOf(member, root, depth + 1))),
    exactly('{}'),
  );
}

function listLength({ items, minItems, maxItems }: JsonObject, root: JsonObject, depth: number): Span {
  const member = lengthOf(items, root, depth + 1);
  const [least, most] = [Number(minItems ?? 0), Number(maxItems ?? Infinity)];
  const count = mapSpan(LIST, (usual) => Math.min(most, Math.max(least, usual)));
  return {
    low: 1 + count.low * member.low,
    expected: 1 + count.expected * member.expected,
    high: 1 + count.high * member.high,
  };
}

function textLength(maxLength: JsonValue | undefined): Span {
  return typeof maxLength === 'number' ? mapSpan(TEXT, (usual) => Math.min(usual, 2 + maxLength / 3)) : TEXT;
}

function exactly(text: string | undefined): Span {
  return mapSpan(NOTHING, () => roughTokenCount(text ?? ''));
}

function anyOf(spans: readonly Span[]): Span {
  if (spans.length === 0) return TEXT;
  return {
    low: Math.min(...spans.map(({ low }) => low)),
    expected: spans.reduce((sum, { expected }) => sum + expected, 0) / spans.length,
    high: Math.max(...spans.map(({ high }) => high)),
  };
}
