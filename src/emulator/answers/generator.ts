import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import type { AnswerFormat } from '../service/chat-call.ts';
import { generateValue } from './generate.ts';
import { gateSchema } from '../service/schema-gate.ts';
import { compileSchema } from './compile-schema.ts';
import type { SchemaNode } from './schema-node.ts';
import { TextFacts } from './text-facts.ts';
import { countTokens } from '../service/token-count.ts';

/** A format of answers, ready to write any number of them. */
export interface AnswerWriter {
  /** What the format's schema adds to the prompt. */
  readonly promptTokens: number;
  /** Why Gemini would refuse the format's schema; undefined where it would not. */
  readonly refusal: string | undefined;
  /** The text of an answer about a record. */
  content(recordText: string, seed: number): string;
  /** Valid JSON that breaks the schema: a required field is missing or has a wrong type. */
  violation(recordText: string, seed: number): string;
}

/** Schemas in use at the same time are few; a client that sends a new one each time must not fill the memory. */
const MAX_SCHEMAS = 100;

/** Makes writers for formats, and keeps those of schemas, so that each schema is compiled once. */
export class Generator {
  readonly #writers = new Map<string, AnswerWriter>();

  writer(format: AnswerFormat): AnswerWriter {
    switch (format.kind) {
      case 'json-schema':
        return this.#schemaWriter(format.schema);
      case 'prompted-schema':
        // It is part of the prompt already, and no gate looks at it.
        return { ...this.#schemaWriter(format.schema), promptTokens: 0, refusal: undefined };
      case 'json-object':
        return freeObjectWriter;
      case 'text':
        return sentenceWriter;
      default:
        return format satisfies never;
    }
  }

  #schemaWriter(schema: JsonObject): AnswerWriter {
    const text = JSON.stringify(schema);
    const known = this.#writers.get(text);
    if (known !== undefined) return known;
    if (this.#writers.size >= MAX_SCHEMAS) this.#writers.clear();
    const node = compileSchema(schema);
    const writer: AnswerWriter = {
      promptTokens: countTokens(text),
      refusal: gateSchema(schema),
      content: (recordText, seed) => JSON.stringify(generateValue(node, recordText, seed)),
      violation: (recordText, seed) => JSON.stringify(violate(node, generateValue(node, recordText, seed), seed)),
    };
    this.#writers.set(text, writer);
    return writer;
  }
}

function violate(node: SchemaNode, value: JsonValue, seed: number): JsonValue {
  if (!isJsonObject(value)) return { unexpected: true };
  const root = node.kind === 'reference' ? node.target : node;
  const required = root.kind === 'object' ? root.properties.filter(({ isRequired }) => isRequired) : [];
  const broken = required[seed % Math.max(1, required.length)];
  if (broken === undefined) return ['unexpected'];
  const { kind } = broken.node;
  const isPlain = kind === 'string' || kind === 'number' || kind === 'boolean';
  // JSON text has no undefined: the field goes missing.
  return { ...value, [broken.name]: isPlain && seed % 2 === 0 ? { unexpected: true } : undefined };
}

const freeObjectWriter: AnswerWriter = {
  promptTokens: 0,
  refusal: undefined,
  content: (recordText) => JSON.stringify(freeObject(recordText)),
  violation: () => '["unexpected"]',
};

const sentenceWriter: AnswerWriter = {
  promptTokens: 0,
  refusal: undefined,
  content: sentence,
  violation: () => '["unexpected"]',
};

/** For `json_object`, which names no fields: what the text labels. */
function freeObject(text: string): JsonObject {
  const facts = new TextFacts(text);
  const entries = [...facts.labels].slice(0, 20).map(([label, value]): [string, JsonValue] => [label, scalar(value)]);
  return entries.length > 0 ? Object.fromEntries(entries) : { text: facts.excerpt() };
}

/** A number or truth value where the text is one to the letter: a number that a double would change stays text. */
function scalar(text: string): JsonValue {
  if (text === 'true' || text === 'false') return text === 'true';
  const isNumber = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,6})?$/.test(text) && text.length <= 16;
  return isNumber ? Number(text) : text;
}

function sentence(text: string): string {
  const facts = new TextFacts(text);
  const words = text.split(/\s+/).filter((word) => word !== '').length;
  return `The text has ${words} ${words === 1 ? 'word' : 'words'} and begins with "${facts.excerpt(60)}".`;
}
