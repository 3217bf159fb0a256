import type { JsonObject } from '../json/value.ts';
import { boundNumber, boundSize, listScalars } from './bounds.ts';
import type { ZodReading } from './zod-reading.ts';

/** The parts of a zod 3 definition that are read here; known by name, never by class. */
interface Definition {
  typeName?: string;
  coerce?: boolean;
  checks?: readonly { kind: string; value?: unknown; inclusive?: boolean }[];
  value?: unknown;
  values?: unknown;
  effect?: { type: string };
  schema?: Zod3;
  innerType?: Zod3;
  /** The element of an array; what a brand is put on. */
  type?: Zod3;
  minLength?: { value: number } | null;
  maxLength?: { value: number } | null;
  exactLength?: { value: number } | null;
  items?: readonly Zod3[];
  rest?: Zod3 | null;
  shape?: () => Record<string, Zod3>;
  unknownKeys?: string;
  catchall?: Zod3;
  valueType?: Zod3;
  options?: readonly Zod3[];
  in?: Zod3;
  getter?: () => Zod3;
}

interface Zod3 {
  _def: Definition;
}

/** Reads a schema of zod 3. A type that is not known here counts as taking anything. */
export function readZod3(schema: object): ZodReading {
  const def = (schema as Partial<Zod3>)._def ?? {};
  switch (def.typeName) {
    case 'ZodString':
      return def.coerce === true ? { kind: 'anything' } : scalar({ type: 'string', ...readLength(def) });
    case 'ZodNumber':
      return def.coerce === true ? { kind: 'anything' } : scalar(readNumber(def));
    case 'ZodBoolean':
      return def.coerce === true ? { kind: 'anything' } : scalar({ type: 'boolean' });
    case 'ZodNull':
      return scalar({ type: 'null' });
    case 'ZodLiteral':
      return scalar(listScalars([def.value]));
    case 'ZodEnum':
      return scalar(listScalars(Array.isArray(def.values) ? def.values : [undefined]));
    case 'ZodNativeEnum':
      // Enums of numbers list each value under its name and each name under its value; both are taken here.
      return scalar(listScalars(Object.values(def.values ?? {})));
    case 'ZodArray':
      return def.type === undefined ? { kind: 'anything' } : { kind: 'array', element: def.type, json: readSize(def) };
    case 'ZodTuple':
      return { kind: 'tuple', items: def.items ?? [], rest: def.rest ?? undefined };
    case 'ZodObject':
      return { kind: 'object', shape: def.shape?.() ?? {}, rest: readRest(def) };
    case 'ZodRecord':
      return def.valueType === undefined ? { kind: 'anything' } : { kind: 'record', value: def.valueType };
    case 'ZodUnion':
    case 'ZodDiscriminatedUnion':
      return { kind: 'union', options: [...(def.options?.values() ?? [])] };
    case 'ZodNullable':
      return def.innerType === undefined ? { kind: 'anything' } : { kind: 'nullable', inner: def.innerType };
    case 'ZodOptional':
    case 'ZodDefault':
      return def.innerType === undefined ? { kind: 'anything' } : { kind: 'optional', inner: def.innerType };
    case 'ZodReadonly':
      return wrap(def.innerType);
    case 'ZodBranded':
      return wrap(def.type);
    case 'ZodEffects':
      return def.effect?.type === 'preprocess' ? { kind: 'anything' } : wrap(def.schema);
    case 'ZodPipeline':
      return wrap(def.in);
    case 'ZodLazy':
      return wrap(def.getter?.());
    default:
      return { kind: 'anything' };
  }
}

function scalar(json: JsonObject | undefined): ZodReading {
  return json === undefined ? { kind: 'anything' } : { kind: 'scalar', json };
}

function wrap(inner: Zod3 | undefined): ZodReading {
  return inner === undefined ? { kind: 'anything' } : { kind: 'wrapper', inner };
}

function readRest({ unknownKeys, catchall }: Definition): 'open' | 'closed' | object {
  if (catchall !== undefined && catchall._def.typeName !== 'ZodNever') return catchall;
  return unknownKeys === 'strict' ? 'closed' : 'open';
}

/** Checks run in order, and one that rewrites the text changes what those after it see. */
const REWRITING = new Set(['trim', 'toLowerCase', 'toUpperCase']);

function readLength({ checks = [] }: Definition): JsonObject {
  if (checks.some(({ kind }) => REWRITING.has(kind))) return {};
  const valuesOf = (kind: string): unknown[] =>
    checks.filter((check) => check.kind === kind || check.kind === 'length').map(({ value }) => value);
  return boundSize('Length', valuesOf('min'), valuesOf('max'));
}

function readSize({ minLength, maxLength, exactLength }: Definition): JsonObject {
  const exact = exactLength?.value;
  return boundSize('Items', [exact, minLength?.value], [exact, maxLength?.value]);
}

function readNumber({ checks = [] }: Definition): JsonObject {
  const isInteger = checks.some(({ kind }) => kind === 'int');
  const limits = checks
    .filter(({ kind }) => kind === 'min' || kind === 'max')
    .map(({ kind, inclusive, value }) => ({ isLower: kind === 'min', inclusive: inclusive === true, value }));
  return boundNumber(isInteger, limits);
}
