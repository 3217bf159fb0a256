import * as z4 from 'zod';
import * as z3 from 'zod3';
import { zodToJsonSchema } from 'zod-to-json-schema';
import type { JsonValue } from '../../../src/json/value.ts';

/** A zod schema as data, so that it can be edited, written for zod 3 and 4, and sampled. */
export type Shape =
  | { kind: 'string'; min?: number; max?: number; pattern?: string }
  | { kind: 'number'; isInt: boolean; min?: number; max?: number; step?: number }
  | { kind: 'boolean' | 'null' }
  | { kind: 'enum'; values: string[] }
  | { kind: 'literal'; value: string | number | boolean }
  | { kind: 'nullable'; inner: Shape }
  | { kind: 'array'; inner: Shape; min?: number; max?: number }
  | { kind: 'tuple'; items: Shape[] }
  | { kind: 'record'; inner: Shape; keys?: string }
  | { kind: 'object'; fields: Field[]; rest: 'strip' | 'strict' | 'loose' }
  | { kind: 'union'; options: Shape[] }
  | { kind: 'choice'; tag: string; variants: { name: string; fields: Field[] }[] }
  | { kind: 'tree'; fields: Field[] };

export interface Field {
  name: string;
  shape: Shape;
  presence: 'required' | 'optional' | 'default';
}

type Random = () => number;

const names = ['id', 'name', 'total', 'tags', 'note', 'vat'];
const words = ['red', 'green', 'blue', 'draft', 'paid'];
const patterns = ['^[a-z]+$', '^\\d{2,4}$', '^[A-Z]{2}\\d*$', 'a', '^(?!x)[a-z]*$', '^[a-z0-9-]{1,8}$'];
const samples = [
  '',
  'a',
  'ab',
  'abc',
  'x',
  'xa',
  '12',
  '2024',
  'AB',
  'AB1',
  'a-1',
  'red',
  'paid',
  'hello world',
  '\n',
  '🐲',
];

/** A repeatable source of numbers from 0 up to 1. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[below(random, items.length)];
  if (item === undefined) throw new RangeError('Cannot pick from nothing');
  return item;
}

export function randomShape(random: Random, depth = 3): Shape {
  switch (below(random, depth > 0 ? 15 : 7)) {
    case 0:
    case 1:
      return random() < 0.3
        ? { kind: 'string', pattern: pick(random, patterns) }
        : { kind: 'string', ...limits(random, 4) };
    case 2:
      return {
        kind: 'number',
        isInt: random() < 0.5,
        ...limits(random, 10),
        ...(random() < 0.2 ? { step: pick(random, [2, 3, 0.5, 0.01]) } : {}),
      };
    case 3:
      return { kind: pick(random, ['boolean', 'null'] as const) };
    case 4:
      return { kind: 'enum', values: someOf(random, words) };
    case 5:
      return { kind: 'literal', value: pick(random, ['red', 1, true]) };
    case 6:
      return { kind: 'string' };
    case 7:
      return { kind: 'nullable', inner: randomShape(random, depth - 1) };
    case 8:
      return { kind: 'array', inner: randomShape(random, depth - 1), ...limits(random, 3) };
    case 9:
      return { kind: 'tuple', items: [randomShape(random, depth - 1), randomShape(random, depth - 1)] };
    case 10:
      return {
        kind: 'record',
        inner: randomShape(random, depth - 1),
        ...(random() < 0.4 ? { keys: pick(random, patterns) } : {}),
      };
    case 11:
      return { kind: 'union', options: [randomShape(random, depth - 1), randomShape(random, depth - 1)] };
    case 12: {
      const variants = someOf(random, words).map((name) => ({ name, fields: randomFields(random, depth - 2) }));
      return variants.length < 2 ? { kind: 'boolean' } : { kind: 'choice', tag: 'kind', variants };
    }
    case 13:
      return { kind: 'tree', fields: randomFields(random, depth - 2) };
    default:
      return {
        kind: 'object',
        fields: randomFields(random, depth - 1),
        rest: pick(random, ['strip', 'strict', 'loose'] as const),
      };
  }
}

function randomFields(random: Random, depth: number): Field[] {
  return someOf(random, names).map((name) => ({
    name,
    shape: randomShape(random, depth),
    presence: randomPresence(random),
  }));
}

function randomPresence(random: Random): Field['presence'] {
  return pick(random, ['required', 'required', 'optional', 'default'] as const);
}

function someOf(random: Random, items: readonly string[]): string[] {
  const chosen = items.filter(() => random() < 0.5);
  return chosen.length === 0 ? [pick(random, items)] : chosen;
}

function limits(random: Random, most: number): { min?: number; max?: number } {
  const min = random() < 0.3 ? below(random, most) : undefined;
  const max = random() < 0.3 ? (min ?? 0) + below(random, most) : undefined;
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

/** One edit such as people make: a field more or less or renamed, another presence, other bounds, another branch. */
export function editShape(random: Random, shape: Shape): Shape {
  if (random() < 0.08) return randomShape(random, 2);
  if (random() < 0.06) return shape.kind === 'nullable' ? shape.inner : { kind: 'nullable', inner: shape };
  switch (shape.kind) {
    case 'string':
      if (random() < 0.3) return { kind: 'string', pattern: pick(random, patterns) };
      return random() < 0.2
        ? { kind: 'enum', values: someOf(random, words) }
        : { kind: 'string', ...limits(random, 5) };
    case 'number':
      return random() < 0.3
        ? { ...shape, isInt: !shape.isInt }
        : { kind: 'number', isInt: shape.isInt, ...limits(random, 12) };
    case 'enum':
      return random() < 0.2 ? { kind: 'string' } : { kind: 'enum', values: someOf(random, words) };
    case 'nullable':
      return { kind: 'nullable', inner: editShape(random, shape.inner) };
    case 'array':
      return random() < 0.4
        ? { kind: 'array', inner: shape.inner, ...limits(random, 4) }
        : { ...shape, inner: editShape(random, shape.inner) };
    case 'tuple':
      if (random() < 0.3) return { kind: 'array', inner: { kind: 'union', options: shape.items } };
      return { kind: 'tuple', items: shape.items.map((item) => (random() < 0.5 ? editShape(random, item) : item)) };
    case 'record':
      return { ...shape, inner: editShape(random, shape.inner) };
    case 'object':
      if (random() < 0.15) return { ...shape, rest: pick(random, ['strip', 'strict', 'loose'] as const) };
      return { ...shape, fields: editFields(random, shape.fields) };
    case 'union':
      if (random() < 0.3) return { kind: 'union', options: [...shape.options, randomShape(random, 1)] };
      if (random() < 0.2) return { kind: 'union', options: shape.options.toReversed() };
      return {
        kind: 'union',
        options: shape.options.map((option) => (random() < 0.5 ? editShape(random, option) : option)),
      };
    case 'choice':
      if (random() < 0.3 && shape.variants.length > 2) return { ...shape, variants: shape.variants.slice(1) };
      return {
        ...shape,
        variants: shape.variants.map((variant) => ({ ...variant, fields: editFields(random, variant.fields) })),
      };
    case 'tree':
      return { kind: 'tree', fields: editFields(random, shape.fields) };
    default:
      return random() < 0.5 ? shape : randomShape(random, 1);
  }
}

function editFields(random: Random, fields: readonly Field[]): Field[] {
  const index = below(random, fields.length);
  const field = fields[index];
  if (field === undefined) return [...fields];
  const unused = names.filter((name) => !fields.some((other) => other.name === name));
  switch (below(random, 6)) {
    case 0:
      return fields.toSpliced(index, 1);
    case 1: {
      const [name] = unused;
      return name === undefined
        ? [...fields]
        : [...fields, { name, shape: randomShape(random, 1), presence: randomPresence(random) }];
    }
    case 2: {
      const [name] = unused;
      return name === undefined ? [...fields] : fields.with(index, { ...field, name });
    }
    case 3:
      return fields.with(index, { ...field, presence: randomPresence(random) });
    default:
      return fields.with(index, { ...field, shape: editShape(random, field.shape) });
  }
}

/** The zod 4 schema of a shape. */
export function toZod4(shape: Shape): z4.ZodType {
  switch (shape.kind) {
    case 'string': {
      let schema = z4.string();
      if (shape.min !== undefined) schema = schema.min(shape.min);
      if (shape.max !== undefined) schema = schema.max(shape.max);
      return shape.pattern === undefined ? schema : schema.regex(new RegExp(shape.pattern, 'u'));
    }
    case 'number': {
      let schema: z4.ZodNumber = shape.isInt ? z4.int() : z4.number();
      if (shape.min !== undefined) schema = schema.min(shape.min);
      if (shape.max !== undefined) schema = schema.max(shape.max);
      return shape.step === undefined ? schema : schema.multipleOf(shape.step);
    }
    case 'boolean':
      return z4.boolean();
    case 'null':
      return z4.null();
    case 'enum':
      return z4.enum(shape.values);
    case 'literal':
      return z4.literal(shape.value);
    case 'nullable':
      return toZod4(shape.inner).nullable();
    case 'array': {
      let schema = z4.array(toZod4(shape.inner));
      if (shape.min !== undefined) schema = schema.min(shape.min);
      return shape.max === undefined ? schema : schema.max(shape.max);
    }
    case 'tuple': {
      const [first, ...others] = shape.items.map(toZod4);
      return z4.tuple([first ?? z4.null(), ...others]);
    }
    case 'record':
      return z4.record(
        shape.keys === undefined ? z4.string() : z4.string().regex(new RegExp(shape.keys, 'u')),
        toZod4(shape.inner),
      );
    case 'object': {
      const members = members4(shape.fields);
      return shape.rest === 'strict'
        ? z4.strictObject(members)
        : shape.rest === 'loose'
          ? z4.looseObject(members)
          : z4.object(members);
    }
    case 'union':
      return z4.union(shape.options.map(toZod4));
    case 'choice': {
      const [first, ...others] = shape.variants.map(({ name, fields }) =>
        z4.object({ [shape.tag]: z4.literal(name), ...members4(fields) }),
      );
      return z4.discriminatedUnion(shape.tag, [first ?? z4.object({ [shape.tag]: z4.literal('') }), ...others]);
    }
    case 'tree': {
      const tree: z4.ZodType = z4.object({
        ...members4(shape.fields),
        get children() {
          return z4.array(tree);
        },
      });
      return tree;
    }
    default:
      return shape satisfies never;
  }
}

function members4(fields: readonly Field[]): Record<string, z4.ZodType> {
  return Object.fromEntries(
    fields.map(({ name, shape, presence }) => {
      const schema = toZod4(shape);
      if (presence === 'optional') return [name, schema.optional()];
      return [name, presence === 'default' ? schema.default(sampleDocument(randomFrom(1), shape)) : schema];
    }),
  );
}

/** The zod 3 schema of a shape. */
export function toZod3(shape: Shape): z3.ZodTypeAny {
  switch (shape.kind) {
    case 'string': {
      let schema = z3.string();
      if (shape.min !== undefined) schema = schema.min(shape.min);
      if (shape.max !== undefined) schema = schema.max(shape.max);
      return shape.pattern === undefined ? schema : schema.regex(new RegExp(shape.pattern, 'u'));
    }
    case 'number': {
      let schema = z3.number();
      if (shape.isInt) schema = schema.int();
      if (shape.min !== undefined) schema = schema.min(shape.min);
      if (shape.max !== undefined) schema = schema.max(shape.max);
      return shape.step === undefined ? schema : schema.multipleOf(shape.step);
    }
    case 'boolean':
      return z3.boolean();
    case 'null':
      return z3.null();
    case 'enum': {
      const [first = '', ...others] = shape.values;
      return z3.enum([first, ...others]);
    }
    case 'literal':
      return z3.literal(shape.value);
    case 'nullable':
      return toZod3(shape.inner).nullable();
    case 'array': {
      let schema = z3.array(toZod3(shape.inner));
      if (shape.min !== undefined) schema = schema.min(shape.min);
      return shape.max === undefined ? schema : schema.max(shape.max);
    }
    case 'tuple': {
      const [first = z3.null(), ...others] = shape.items.map((item) => toZod3(item));
      return z3.tuple([first, ...others]);
    }
    case 'record':
      return z3.record(
        shape.keys === undefined ? z3.string() : z3.string().regex(new RegExp(shape.keys, 'u')),
        toZod3(shape.inner),
      );
    case 'object': {
      const schema = z3.object(members3(shape.fields));
      return shape.rest === 'strict' ? schema.strict() : shape.rest === 'loose' ? schema.passthrough() : schema;
    }
    case 'union': {
      const [first = z3.null(), second = z3.null(), ...others] = shape.options.map((option) => toZod3(option));
      return z3.union([first, second, ...others]);
    }
    case 'choice': {
      const [first, ...others] = shape.variants.map((variant) => variant3(shape.tag, variant));
      return z3.discriminatedUnion(shape.tag, [first ?? variant3(shape.tag, { name: '', fields: [] }), ...others]);
    }
    case 'tree': {
      const tree: z3.ZodTypeAny = z3.object({ ...members3(shape.fields), children: z3.array(z3.lazy(() => tree)) });
      return tree;
    }
    default:
      return shape satisfies never;
  }
}

function variant3(tag: string, variant: { name: string; fields: Field[] }): z3.ZodDiscriminatedUnionOption<string> {
  const members: z3.ZodRawShape = { ...members3(variant.fields), [tag]: z3.literal(variant.name) };
  return z3.object(members);
}

function members3(fields: readonly Field[]): Record<string, z3.ZodTypeAny> {
  return Object.fromEntries(
    fields.map(({ name, shape, presence }) => {
      const schema = toZod3(shape);
      if (presence === 'optional') return [name, schema.optional()];
      return [name, presence === 'default' ? schema.default(sampleDocument(randomFrom(1), shape)) : schema];
    }),
  );
}

/** The JSON Schema that a zod schema's own converter gives for parsed answers. */
export function jsonSchemaOf(schema: z4.ZodType | z3.ZodTypeAny): JsonValue {
  // The converter's own types are too deep for the compiler.
  const convert: (schema: z3.ZodTypeAny) => unknown = zodToJsonSchema as never;
  const derived = '_zod' in schema ? z4.toJSONSchema(schema, { io: 'output' }) : convert(schema);
  return JSON.parse(JSON.stringify(derived)) as JsonValue;
}

/** A document that fits a shape, mostly: near its limits it may not, so check it before relying on it. */
export function sampleDocument(random: Random, shape: Shape, depth = 3): JsonValue {
  switch (shape.kind) {
    case 'string':
      return pick(random, samples);
    case 'number': {
      const value = pick(random, [shape.min ?? 0, shape.max ?? 7, (shape.min ?? 0) + 1, below(random, 12), 0, 2.5, -1]);
      return shape.isInt ? Math.trunc(value) : value;
    }
    case 'boolean':
      return random() < 0.5;
    case 'null':
      return null;
    case 'enum':
      return pick(random, shape.values);
    case 'literal':
      return shape.value;
    case 'nullable':
      return random() < 0.3 ? null : sampleDocument(random, shape.inner, depth);
    case 'array': {
      const length = depth <= 0 ? (shape.min ?? 0) : Math.min((shape.min ?? 0) + below(random, 3), shape.max ?? 3);
      return Array.from({ length }, () => sampleDocument(random, shape.inner, depth - 1));
    }
    case 'tuple':
      return shape.items.map((item) => sampleDocument(random, item, depth));
    case 'record':
      return Object.fromEntries(
        Array.from({ length: below(random, 3) }, () => [
          pick(random, samples),
          sampleDocument(random, shape.inner, depth - 1),
        ]),
      );
    case 'object': {
      const document = sampleFields(random, shape.fields, depth);
      const isExtended = shape.rest === 'loose' && random() < 0.5;
      return isExtended
        ? { ...document, [pick(random, names)]: pick(random, [1, 'x', null, true]), ...document }
        : document;
    }
    case 'union':
      return sampleDocument(random, pick(random, shape.options), depth);
    case 'choice': {
      const { name, fields } = pick(random, shape.variants);
      return { [shape.tag]: name, ...sampleFields(random, fields, depth) };
    }
    case 'tree': {
      const length = depth <= 0 ? 0 : below(random, 3);
      const children = Array.from({ length }, () => sampleDocument(random, shape, depth - 1));
      return { ...sampleFields(random, shape.fields, depth), children };
    }
    default:
      return shape satisfies never;
  }
}

function sampleFields(random: Random, fields: readonly Field[], depth: number): Record<string, JsonValue> {
  const present = fields.filter(({ presence }) => presence !== 'optional' || random() < 0.5);
  return Object.fromEntries(present.map(({ name, shape }) => [name, sampleDocument(random, shape, depth - 1)]));
}
