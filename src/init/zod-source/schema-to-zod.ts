import { valueAt } from '../../json/at-pointer.ts';
import { pointerTokens } from '../../json/pointer.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { convertArray } from './convert-array.ts';
import { convertNumber, convertString } from './convert-scalar.ts';
import { convertObject } from './convert-object.ts';
import { convertCombination } from './convert-union.ts';
import { Declarations } from './declarations.ts';
import { enumCode } from './enum-code.ts';
import { stringSource } from './literal-source.ts';
import { refuseSchema } from './refuse-schema.ts';
import { withCall, wrapCode, type ZodCode } from './zod-code.ts';
import type { ZodGeneration } from './zod-words.ts';

export interface ZodFromSchema {
  readonly root: ZodCode;
  /** Parts that are referred to, in the order in which they can stand. */
  readonly declarations: readonly { name: string; code: ZodCode }[];
  /** What the schema says and zod does not, or the other way round, each with its place. Without notes both accept the same. */
  readonly notes: readonly string[];
}

/** What the converters of the types are given. */
export interface SchemaConversion {
  readonly zod: ZodGeneration;
  convert(schema: JsonValue | undefined, path: string): ZodCode;
  /** Converts a property, which may lead back to what holds it. */
  convertLazily(schema: JsonValue, path: string): { code: ZodCode; isLazy: boolean };
  note(path: string, text: string): void;
  /** Notes each of the keywords that is there: zod has no word for it. */
  noteUnsaid(schema: JsonObject, path: string, keywords: readonly string[]): void;
}

/**
 * Writes a JSON Schema (draft 4 to 2020-12) as zod source. What zod cannot say is noted where leaving it out lets more pass, and
 * refused where nothing of sense would be left.
 *
 * @throws {GleanerError} naming the place
 */
export function schemaToZod(schema: JsonValue, zod: ZodGeneration = 4): ZodFromSchema {
  return new Conversion(schema, zod).finish();
}

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;
/** No keyword of zod says these; what they forbid is let pass. */
const UNSAID = ['not', 'if', 'then', 'else', 'default', 'unevaluatedProperties', 'unevaluatedItems', 'nullable'];

class Conversion implements SchemaConversion {
  readonly zod: ZodGeneration;
  readonly #document: JsonValue;
  readonly #notes: string[] = [];
  readonly #declarations = new Declarations();

  constructor(document: JsonValue, zod: ZodGeneration) {
    this.#document = document;
    this.zod = zod;
  }

  finish(): ZodFromSchema {
    const root = this.#declarations.declare('', () => this.convert(this.#document, ''), { isRoot: true });
    if (!isObjectSchema(this.#document, this.#document))
      refuseSchema('', 'the root must be an object with properties: put the value into a property of one');
    return { root, declarations: this.#declarations.all(), notes: this.#notes };
  }

  note(path: string, text: string): void {
    this.#notes.push(`${path === '' ? '/' : path}: ${text}`);
  }

  noteUnsaid(schema: JsonObject, path: string, keywords: readonly string[]): void {
    for (const keyword of keywords)
      if (Object.hasOwn(schema, keyword)) this.note(path, `zod has no word for ${keyword}, which is left out`);
  }

  convertLazily(schema: JsonValue, path: string): { code: ZodCode; isLazy: boolean } {
    return this.#declarations.lazily(() => this.convert(schema, path));
  }

  convert(schema: JsonValue | undefined, path: string): ZodCode {
    if (schema === undefined || schema === true) return 'z.any()';
    if (!isJsonObject(schema))
      return refuseSchema(path, schema === false ? 'nothing fits the schema false' : 'a schema is an object');
    const code = this.#undescribed(schema, path);
    const { description } = schema;
    return typeof description === 'string' ? withCall(code, `.describe(${stringSource(description)})`) : code;
  }

  #undescribed(schema: JsonObject, path: string): ZodCode {
    this.noteUnsaid(schema, path, UNSAID);
    const { $ref: reference, const: constant, enum: values, type } = schema;
    if (reference !== undefined) return this.#reference(reference, schema, path);
    if (constant !== undefined) return enumCode([constant], schema, path);
    if (values !== undefined) return enumCode(values, schema, path);
    const combination = convertCombination(schema, path, this);
    if (combination !== undefined) return combination;
    const types =
      typeof type === 'string'
        ? [type]
        : Array.isArray(type)
          ? (type as readonly JsonValue[])
          : this.#guessTypes(schema, path);
    if (types.length === 0) return 'z.any()';
    const others = types.filter((name) => name !== 'null');
    if (others.length === 0) return 'z.null()';
    const options = others.map((name) => this.#ofType(name, schema, path));
    const [first = ''] = options;
    const code = options.length === 1 ? first : wrapCode('z.union', [{ open: '[', parts: options, close: ']' }]);
    return types.length > others.length ? withCall(code, '.nullable()') : code;
  }

  #ofType(type: JsonValue, schema: JsonObject, path: string): ZodCode {
    switch (TYPES.find((name) => name === type)) {
      case 'object':
        return convertObject(schema, path, this);
      case 'array':
        return convertArray(schema, path, this);
      case 'string':
        return convertString(schema, path, this);
      case 'number':
        return convertNumber(schema, 'z.number()', this);
      case 'integer':
        return convertNumber(schema, 'integer', this);
      case 'boolean':
        return 'z.boolean()';
      default:
        return refuseSchema(path, `there is no type ${JSON.stringify(type)}; types are ${TYPES.join(', ')}`);
    }
  }

  /** Keywords of a type say nothing of values of others, but who leaves the type out seldom means that. */
  #guessTypes(schema: JsonObject, path: string): string[] {
    const has = (...keywords: string[]): boolean => keywords.some((keyword) => Object.hasOwn(schema, keyword));
    const guessed = has('properties', 'required', 'additionalProperties')
      ? 'object'
      : has('items', 'prefixItems', 'minItems', 'maxItems')
        ? 'array'
        : has('pattern', 'minLength', 'maxLength', 'format')
          ? 'string'
          : has('minimum', 'maximum', 'multipleOf', 'exclusiveMinimum', 'exclusiveMaximum')
            ? 'number'
            : undefined;
    if (guessed === undefined) return [];
    this.note(
      path,
      `it names no type, and is taken for ${guessed === 'object' || guessed === 'array' ? 'an' : 'a'} ${guessed}`,
    );
    return [guessed];
  }

  #reference(reference: JsonValue, schema: JsonObject, path: string): ZodCode {
    const pointer =
      typeof reference === 'string' && /^#(?:\/|$)/.test(reference) ? decodePointer(reference) : undefined;
    const target = pointer === undefined ? undefined : valueAt(this.#document, pointer);
    if (pointer === undefined || target === undefined)
      return refuseSchema(
        path,
        `it refers to ${JSON.stringify(reference)}, which this document does not hold; only #/... can be followed`,
      );
    const beside = Object.keys(schema).filter((key) => NARROWING.has(key));
    for (const key of beside) this.note(path, `${key} stands beside $ref, and is left out`);
    const name = pointerTokens(pointer).at(-1) ?? 'root';
    return this.#declarations.declare(pointer, () => this.convert(target, pointer), { name, path });
  }
}

const NARROWING: ReadonlySet<string> = new Set([
  'type',
  'enum',
  'const',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'prefixItems',
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'anyOf',
  'oneOf',
  'allOf',
]);

function decodePointer(reference: string): string | undefined {
  try {
    return decodeURIComponent(reference.slice(1));
  } catch {
    return undefined;
  }
}

/** Whether the root is an object: itself, or by what it refers to, a bounded number of times. */
function isObjectSchema(schema: JsonValue | undefined, document: JsonValue, hops = 20): boolean {
  if (!isJsonObject(schema) || hops === 0) return false;
  const { $ref: reference, type, properties, allOf } = schema;
  if (typeof reference === 'string') {
    const pointer = decodePointer(reference);
    return pointer !== undefined && isObjectSchema(valueAt(document, pointer), document, hops - 1);
  }
  if (Array.isArray(allOf)) return allOf.every((part: JsonValue) => isObjectSchema(part, document, hops - 1));
  return (type === 'object' || type === undefined) && isJsonObject(properties) && Object.keys(properties).length > 0;
}
