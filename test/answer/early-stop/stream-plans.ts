import * as fc from 'fast-check';
import type { z as zod } from 'zod';
import type { JsonValue } from '../../../src/json/value.ts';

/** A random schema, apart from the version of zod that builds it. */
export type Plan =
  | { kind: 'string'; max?: number; trim: boolean; coerce: boolean }
  | { kind: 'number'; int: boolean; min?: number; max?: number; coerce: boolean }
  | { kind: 'boolean' }
  | { kind: 'literal'; value: string | number | boolean | null }
  | { kind: 'enum'; values: [string, ...string[]] }
  | { kind: 'array'; of: Plan; max: number }
  | { kind: 'tuple'; of: [Plan, ...Plan[]] }
  | { kind: 'record'; of: Plan }
  | { kind: 'nullable' | 'default' | 'catch' | 'optional' | 'preprocess' | 'transform' | 'readonly'; of: Plan }
  | { kind: 'union'; of: [Plan, Plan, ...Plan[]] }
  | ObjectPlan
  | { kind: 'intersection'; of: [ObjectPlan, ObjectPlan] }
  | { kind: 'tree' };

export interface ObjectPlan {
  kind: 'object';
  fields: [string, Plan][];
  unknown: 'strip' | 'strict' | 'passthrough';
}

const keys = fc.constantFrom('a', 'b', 'é"', 'a/b', '__proto__');
const words = fc.constantFrom('', 'ab', ' ab ', 'b"\\', 'Grüße', '😀😀', '12', 'long enough for any limit');

export const { object: objectPlans } = fc.letrec<{ plan: Plan; object: ObjectPlan }>((tie) => ({
  plan: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'plan' },
    fc.record(
      { kind: fc.constant('string' as const), max: fc.nat(5), trim: fc.boolean(), coerce: rarely() },
      { requiredKeys: ['kind', 'trim', 'coerce'] },
    ),
    fc.record(
      {
        kind: fc.constant('number' as const),
        int: fc.boolean(),
        min: fc.integer({ min: -3, max: 3 }),
        max: fc.nat(9),
        coerce: rarely(),
      },
      { requiredKeys: ['kind', 'int', 'coerce'] },
    ),
    fc.constant({ kind: 'boolean' as const }),
    fc.record({ kind: fc.constant('literal' as const), value: fc.constantFrom('ab', 1, true, null) }),
    fc.constant({ kind: 'enum' as const, values: ['ab', 'b"\\', 'Grüße'] as [string, ...string[]] }),
    fc.constant({ kind: 'tree' as const }),
    fc.record({ kind: fc.constant('array' as const), of: tie('plan'), max: fc.nat(3) }),
    fc.record({ kind: fc.constant('tuple' as const), of: fc.tuple(tie('plan'), tie('plan')) }),
    fc.record({ kind: fc.constant('record' as const), of: tie('plan') }),
    fc.record({
      kind: fc.constantFrom('nullable', 'default', 'catch', 'optional', 'preprocess', 'transform', 'readonly'),
      of: tie('plan'),
    }),
    fc.record({ kind: fc.constant('union' as const), of: fc.tuple(tie('plan'), tie('plan'), tie('plan')) }),
    fc.record({ kind: fc.constant('intersection' as const), of: fc.tuple(tie('object'), tie('object')) }),
    tie('object'),
    tie('object'),
  ),
  object: fc.record({
    kind: fc.constant('object' as const),
    fields: fc.uniqueArray(fc.tuple(keys, tie('plan')), { maxLength: 4, selector: ([key]) => key }),
    unknown: fc.constantFrom('strip', 'strict', 'passthrough'),
  }),
}));

/** What zod 3 and zod 4 have in common is typed as zod 4 has it. */
export function build(plan: Plan, z: typeof zod): zod.ZodType {
  switch (plan.kind) {
    case 'string': {
      const text = plan.coerce ? z.coerce.string() : z.string();
      const trimmed = plan.trim ? text.trim() : text;
      return plan.max === undefined ? trimmed : trimmed.max(plan.max);
    }
    case 'number': {
      let number = plan.coerce ? z.coerce.number() : z.number();
      if (plan.int) number = number.int();
      if (plan.min !== undefined) number = number.min(plan.min);
      return plan.max === undefined ? number : number.lt(plan.max);
    }
    case 'boolean':
      return z.boolean();
    case 'literal':
      return z.literal(plan.value);
    case 'enum':
      return z.enum(plan.values);
    case 'array':
      return z.array(build(plan.of, z)).max(plan.max);
    case 'tuple':
      return z.tuple(plan.of.map((item) => build(item, z)) as [zod.ZodType]);
    case 'record':
      return z.record(z.string(), build(plan.of, z));
    case 'nullable':
      return build(plan.of, z).nullable();
    case 'optional':
      return build(plan.of, z).optional();
    case 'default':
      return build(plan.of, z).optional().default(undefined);
    case 'catch':
      return build(plan.of, z).catch(null);
    case 'preprocess':
      return z.preprocess((value) => (value === 12 ? 'ab' : value), build(plan.of, z));
    case 'transform':
      return build(plan.of, z).transform(String);
    case 'readonly':
      return build(plan.of, z).readonly();
    case 'union':
      return z.union(plan.of.map((option) => build(option, z)) as [zod.ZodType, zod.ZodType]);
    case 'object':
      return buildObject(plan, z);
    case 'intersection':
      return z.intersection(buildObject(plan.of[0], z), buildObject(plan.of[1], z));
    case 'tree': {
      const tree: zod.ZodType = z.lazy(() => z.object({ a: z.number(), b: z.array(tree).optional() }).strict());
      return tree;
    }
    default:
      return plan satisfies never;
  }
}

function buildObject({ fields, unknown }: ObjectPlan, z: typeof zod): zod.ZodObject {
  return z.object(Object.fromEntries(fields.map(([key, field]) => [key, build(field, z)])))[unknown]();
}

/** Values that mostly fit the schema; `noise` is how many of a hundred parts of one do not. */
export function valuesOf(plan: Plan, noise: number): fc.Arbitrary<JsonValue> {
  const inside = (of: Plan): fc.Arbitrary<JsonValue> => valuesOf(of, noise);
  return fc.oneof({ weight: 100 - noise, arbitrary: fitting(plan, inside) }, { weight: noise, arbitrary: strangers });
}

const strangers: fc.Arbitrary<JsonValue> = fc.oneof(
  words,
  fc.constantFrom(0, -1.5, 12, true, null, [], {}, ['ab'], { a: 1 }),
);

function fitting(plan: Plan, inside: (of: Plan) => fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> {
  switch (plan.kind) {
    case 'string':
      return words;
    case 'number':
      return fc.oneof(fc.integer({ min: -4, max: 10 }), fc.constantFrom(0.5, 1e21, -0, 2.5e-7));
    case 'boolean':
      return fc.boolean();
    case 'literal':
      return fc.constant(plan.value);
    case 'enum':
      return fc.constantFrom(...plan.values);
    case 'array':
      return fc.array(inside(plan.of), { maxLength: plan.max });
    case 'tuple':
      return fc.tuple(...plan.of.map(inside));
    case 'record':
      return fc.dictionary(keys, inside(plan.of), { maxKeys: 3 });
    case 'nullable':
    case 'optional':
    case 'default':
    case 'catch':
    case 'preprocess':
    case 'transform':
    case 'readonly':
      return fc.oneof(inside(plan.of), inside(plan.of), strangers);
    case 'union':
      return fc.oneof(...plan.of.map(inside));
    case 'object':
      return objectsOf(plan.fields, inside, plan.unknown !== 'strict');
    case 'intersection':
      return objectsOf([...plan.of[0].fields, ...plan.of[1].fields], inside, true);
    case 'tree':
      return fc.constantFrom<JsonValue>(
        { a: 1 },
        { a: 1, b: [] },
        { b: [{ a: 1, b: [{ a: 2 }] }], a: 3 },
        { a: 1, b: [{}] },
      );
    default:
      return plan satisfies never;
  }
}

function objectsOf(
  fields: readonly [string, Plan][],
  inside: (of: Plan) => fc.Arbitrary<JsonValue>,
  isOpen: boolean,
): fc.Arbitrary<JsonValue> {
  const members = fields.map(([key, field]) =>
    fc.tuple(fc.constant(key), inside(field), fc.integer({ min: 0, max: 19 })).map(([key, value, luck]) =>
      // Now and then a key is left out.
      luck === 0 ? [] : [[key, value] as const],
    ),
  );
  const extra = isOpen
    ? fc.array(fc.tuple(fc.constantFrom('x', '__proto__'), strangers), { maxLength: 1 })
    : fc.constant([]);
  return fc.tuple(fc.tuple(...members), extra).map(([known, more]) => Object.fromEntries([...known.flat(), ...more]));
}

function rarely(): fc.Arbitrary<boolean> {
  return fc.nat(4).map((luck) => luck === 0);
}

/** JSON text with white space and escapes that JSON.stringify would not write, in pieces cut anywhere. */
export function pieces(value: JsonValue, choices: readonly number[]): string[] {
  let position = 0;
  const choose = (count: number): number => {
    position += 1;
    return (choices[position % choices.length] ?? 0) % count;
  };
  const space = (): string => ['', '', '', ' ', '\n\t', '  \r\n'][choose(6)] ?? '';
  const writeText = (text: string): string =>
    JSON.stringify(text).replaceAll(/[b-é\uD800-\uDFFF]/g, (char) =>
      // The letters of an escape stay as they are, except that those of \uXXXX are not in use here.
      choose(4) === 0 && !/[bnrtu"\\]/.test(char) ? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}` : char,
    );
  const write = (value: JsonValue): string => {
    if (typeof value === 'string') return writeText(value);
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const members = Array.isArray(value)
      ? value.map((item: JsonValue) => `${space()}${write(item)}${space()}`)
      : Object.entries(value).map(
          ([key, member]) => `${space()}${writeText(key)}${space()}:${space()}${write(member ?? null)}${space()}`,
        );
    const body = members.length === 0 ? space() : members.join(',');
    return Array.isArray(value) ? `[${body}]` : `{${body}}`;
  };
  const text = space() + write(value) + space();
  const cut: string[] = [];
  for (let start = 0; start < text.length;) {
    const length = 1 + choose(choose(3) === 0 ? 40 : 4);
    cut.push(text.slice(start, start + length));
    start += length;
  }
  return cut;
}
