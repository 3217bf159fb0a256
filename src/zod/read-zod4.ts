import type { JsonObject } from '../json/value.ts';
import { boundNumber, boundSize, listScalars } from './bounds.ts';
import type { ZodReading } from './zod-reading.ts';

/** The parts of a zod 4 definition that are read here; known by name, never by class. */
interface Definition {
  type: string;
  coerce?: boolean;
  /** Of formats such as `z.email()` and `z.int()`, which are a type and a check in one. */
  check?: string;
  format?: string;
  checks?: readonly { _zod?: { def?: CheckDefinition } }[];
  innerType?: Zod4;
  element?: Zod4;
  shape?: Record<string, Zod4>;
  catchall?: Zod4;
  items?: readonly Zod4[];
  rest?: Zod4 | null;
  valueType?: Zod4;
  mode?: string;
  options?: readonly Zod4[];
  in?: Zod4;
  getter?: () => Zod4;
}

interface CheckDefinition {
  check?: string;
  minimum?: unknown;
  maximum?: unknown;
  length?: unknown;
  value?: unknown;
  inclusive?: boolean;
  format?: string;
}

interface Zod4 {
  _zod: { def: Definition; values?: ReadonlySet<unknown> };
}

/** Reads a schema of zod 4 or zod/mini. A type that is not known here counts as taking anything. */
export function readZod4(schema: object): ZodReading {
  const { def, values } = (schema as Zod4)._zod;
  switch (def.type) {
    case 'string':
      return def.coerce === true ? { kind: 'anything' } : scalar({ type: 'string', ...readSize(def, 'Length') });
    case 'number':
      return def.coerce === true ? { kind: 'anything' } : scalar(readNumber(def));
    case 'boolean':
      return def.coerce === true ? { kind: 'anything' } : scalar({ type: 'boolean' });
    case 'null':
      return scalar({ type: 'null' });
    case 'template_literal':
      return scalar({ type: 'string' });
    case 'literal':
    case 'enum':
      return scalar(listScalars([...(values ?? [undefined])]));
    case 'array':
      return def.element === undefined
        ? { kind: 'anything' }
        : { kind: 'array', element: def.element, json: readSize(def, 'Items') };
    case 'tuple':
      return { kind: 'tuple', items: def.items ?? [], rest: def.rest ?? undefined };
    case 'object':
      return { kind: 'object', shape: def.shape ?? {}, rest: readRest(def.catchall) };
    case 'record':
      // A loose record passes on, unread, the values of keys that it does not know.
      return def.valueType === undefined || def.mode === 'loose'
        ? { kind: 'anything' }
        : { kind: 'record', value: def.valueType };
    case 'union':
      return { kind: 'union', options: def.options ?? [] };
    case 'nullable':
      return def.innerType === undefined ? { kind: 'anything' } : { kind: 'nullable', inner: def.innerType };
    case 'optional':
    case 'default':
    case 'prefault':
      return def.innerType === undefined ? { kind: 'anything' } : { kind: 'optional', inner: def.innerType };
    case 'readonly':
    case 'nonoptional':
      return wrap(def.innerType);
    case 'pipe':
      return wrap(def.in);
    case 'lazy':
      return wrap(def.getter?.());
    default:
      return { kind: 'anything' };
  }
}

function scalar(json: JsonObject | undefined): ZodReading {
  return json === undefined ? { kind: 'anything' } : { kind: 'scalar', json };
}

function wrap(inner: Zod4 | undefined): ZodReading {
  return inner === undefined ? { kind: 'anything' } : { kind: 'wrapper', inner };
}

function readRest(catchall: Zod4 | undefined): 'open' | 'closed' | object {
  if (catchall === undefined) return 'open';
  return catchall._zod.def.type === 'never' ? 'closed' : catchall;
}

/** Checks run in order, and one that rewrites the value, such as `trim`, changes what those after it see. */
function listChecks(def: Definition, harmless: ReadonlySet<string>): readonly CheckDefinition[] {
  const checks = (def.checks ?? []).map((check) => check._zod?.def ?? {});
  return checks.every(({ check }) => check !== undefined && harmless.has(check)) ? checks : [];
}

const SIZE_CHECKS = new Set(['min_length', 'max_length', 'length_equals']);
const NUMBER_CHECKS = new Set(['greater_than', 'less_than', 'multiple_of', 'number_format']);

function readSize(def: Definition, unit: 'Length' | 'Items'): JsonObject {
  // Formats may rewrite too: `z.url()` trims.
  const checks = def.check === undefined ? listChecks(def, SIZE_CHECKS) : [];
  const least = checks.map(({ minimum, length }) => minimum ?? length);
  const most = checks.map(({ maximum, length }) => maximum ?? length);
  return boundSize(unit, least, most);
}

function readNumber(def: Definition): JsonObject {
  const checks = listChecks(def, NUMBER_CHECKS);
  const isInteger = [def, ...checks].some(
    ({ check, format }) => check === 'number_format' && format?.includes('int') === true,
  );
  const limits = checks.map(({ check, inclusive, value }) => ({
    isLower: check === 'greater_than',
    inclusive: inclusive === true,
    value: check === 'multiple_of' ? undefined : value,
  }));
  return boundNumber(isInteger, limits);
}
