import type * as ZodToJsonSchema from 'zod-to-json-schema';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { mapSubschemas } from '../json-schema/subschemas.ts';
import { amendPatterns } from './amend-patterns.ts';
import { ZOD_TYPE_NOTE } from '../json-schema/notes.ts';
import type { ZodConverter, ZodForm, ZodSide } from './to-json-schema.ts';

const NOTED = new Map([
  ['ZodDate', 'date'],
  ['ZodBigInt', 'bigint'],
  ['ZodMap', 'map'],
  ['ZodSet', 'set'],
  ['ZodUndefined', 'undefined'],
  ['ZodVoid', 'void'],
  ['ZodSymbol', 'symbol'],
  ['ZodNaN', 'nan'],
  ['ZodFunction', 'function'],
  ['ZodPromise', 'promise'],
]);

/** The parts of a zod 3 definition that are read here; all of them known by name, never by class. */
interface Definition {
  typeName?: string;
  coerce?: boolean;
  value?: unknown;
  checks?: readonly { kind?: string; version?: string; regex?: unknown }[];
  effect?: { type: string };
  schema?: Zod3;
  innerType?: Zod3;
  type?: Zod3;
  in?: Zod3;
  out?: Zod3;
  options?: readonly Zod3[];
  shape?: () => Record<string, Zod3>;
  getter?: () => Zod3;
}

interface Zod3 {
  _def: Definition;
}

type Library = Pick<typeof ZodToJsonSchema, 'ignoreOverride' | 'zodToJsonSchema'>;

/** A definition being converted; one that is met again inside itself is recursive and gets a place in `$defs`. */
interface Pending {
  result: JsonObject | undefined;
}

/**
 * Loads the converter of zod 3 schemas to the shape that zod 4's converter has: draft 2020-12, recursion through `$defs` or
 * `#`, everything else inline. Types that JSON lacks carry a note.
 */
export async function loadZod3Converter(): Promise<ZodConverter> {
  const library: Library = await import('zod-to-json-schema');
  return (schema, side, form) => fromZod3(library, schema, side, form);
}

function fromZod3(
  { ignoreOverride, zodToJsonSchema }: Library,
  schema: object,
  side: ZodSide,
  form: ZodForm,
): JsonObject {
  const pending = new Map<object, Pending>();
  const references = new Map<object, Pending>();

  const converted: unknown = zodToJsonSchema(schema as Parameters<typeof zodToJsonSchema>[0], {
    // Its own references are unescaped pointers into properties; ours are made below.
    $refStrategy: 'none',
    target: 'jsonSchema7',
    effectStrategy: 'input',
    pipeStrategy: side,
    // As zod 4 has it: a plain object takes unknown keys (and drops them), so it is open on the way in, closed on the way out.
    removeAdditionalStrategy: side === 'input' ? 'strict' : 'passthrough',
    allowedAdditionalProperties: side === 'input' ? undefined : true,
    override(definition) {
      const known = pending.get(definition);
      if (known === undefined) {
        pending.set(definition, { result: undefined });
        return ignoreOverride;
      }
      const reference = {};
      references.set(reference, known);
      return reference;
    },
    postProcess(json, zodDefinition) {
      const definition = zodDefinition as unknown as Definition;
      const result = amend((json ?? {}) as JsonObject, definition, side, form);
      const entry = pending.get(zodDefinition);
      pending.delete(zodDefinition);
      if (entry !== undefined) entry.result = result;
      return result as ReturnType<NonNullable<Parameters<typeof zodToJsonSchema>[1] & object>['postProcess'] & object>;
    },
  });
  return nameReferences(isJsonObject(converted) ? converted : {}, references);
}

function amend(json: JsonObject, definition: Definition, side: ZodSide, form: ZodForm): JsonObject {
  const type = unrepresentableType(definition, side);
  if (type !== undefined) {
    const note: Record<string, JsonValue | undefined> = { [ZOD_TYPE_NOTE]: type };
    if (json['description'] !== undefined) note['description'] = json['description'];
    return note;
  }
  switch (definition.typeName) {
    case 'ZodString': {
      if (form === 'earlier') return json;
      const amended: Record<string, unknown> = { ...eitherCidr(json, definition) };
      const regexes = (definition.checks ?? []).map(({ regex }) => regex);
      amendPatterns(
        amended,
        regexes.filter((regex) => regex instanceof RegExp),
      );
      return amended as JsonObject;
    }
    case 'ZodLiteral':
      // It takes null for an object.
      return form === 'current' && definition.value === null ? { ...json, type: 'null' } : json;
    case 'ZodNullable': {
      const { type } = json;
      if (form === 'earlier' || !Array.isArray(type)) return json;
      const [only, ...others] = new Set(type as readonly JsonValue[]);
      return {
        ...json,
        type: others.length === 0 && only !== undefined ? only : [...new Set(type as readonly JsonValue[])],
      };
    }
    case 'ZodObject': {
      // The converter asks `isOptional()`, which runs the user's transforms and speaks of the input side only.
      const shape = definition.shape?.() ?? {};
      const required = Object.keys(shape).filter((key) => !isOptional(shape[key], side));
      const { required: _, ...rest } = json;
      return required.length > 0 ? { ...rest, required } : rest;
    }
    case 'ZodTuple': {
      const { items, additionalItems, ...rest } = json;
      return { ...rest, prefixItems: items ?? [], items: additionalItems ?? false };
    }
    case 'ZodOptional': {
      const branches = json['anyOf'];
      const inner: JsonValue | undefined = Array.isArray(branches) ? branches[1] : undefined;
      // Outside of properties it writes `anyOf: [{ not: {} }, inner]`.
      if (Array.isArray(branches) && branches.length === 2 && isNever(branches[0]) && isJsonObject(inner)) return inner;
      return json;
    }
    default:
      return json;
  }
}

/** A block of addresses of either version comes as one that has to be of both. */
function eitherCidr(json: JsonObject, { checks = [] }: Definition): JsonObject {
  const patterns = json['allOf'];
  const [only, ...others] = checks;
  if (only?.kind !== 'cidr' || only.version !== undefined || others.length > 0 || !Array.isArray(patterns)) return json;
  const { allOf, ...rest } = json;
  return { ...rest, anyOf: allOf };
}

function isNever(schema: JsonValue | undefined): boolean {
  return isJsonObject(schema) && isJsonObject(schema['not']) && Object.keys(schema['not']).length === 0;
}

function unrepresentableType(definition: Definition, side: ZodSide): string | undefined {
  const type = NOTED.get(definition.typeName ?? '');
  if (type !== undefined) return definition.coerce === true ? `coerced ${type}` : type;
  if (definition.typeName === 'ZodLiteral') {
    if (definition.value === undefined || typeof definition.value === 'bigint') return typeof definition.value;
  }
  if (side === 'output' && definition.effect?.type === 'transform') return 'transform';
  // Unions and nullables of plain types are converted by name, without a look at each type.
  const direct = [...(definition.options?.values() ?? []), definition.innerType];
  if (definition.typeName === 'ZodUnion' || definition.typeName === 'ZodNullable') {
    if (direct.some((member) => member?._def.typeName === 'ZodBigInt')) return 'bigint';
  }
  return undefined;
}

/** Whether a property may be absent, on the given side, by the structure of its type. */
function isOptional(schema: Zod3 | undefined, side: ZodSide, depth = 0): boolean {
  // A lazy type that is nothing but itself has no structure to find.
  if (schema === undefined || depth > 100) return false;
  const definition = schema._def;
  const inside = (inner: Zod3 | undefined): boolean => isOptional(inner, side, depth + 1);
  switch (definition.typeName) {
    case 'ZodOptional':
    case 'ZodAny':
    case 'ZodUnknown':
      return true;
    case 'ZodDefault':
      return side === 'input';
    case 'ZodEffects':
      return definition.effect?.type === 'transform' && side === 'output' ? false : inside(definition.schema);
    case 'ZodPipeline':
      return inside(side === 'input' ? definition.in : definition.out);
    case 'ZodNullable':
    case 'ZodReadonly':
    case 'ZodCatch':
      return inside(definition.innerType);
    case 'ZodBranded':
      return inside(definition.type);
    case 'ZodLazy':
      return inside(definition.getter?.());
    case 'ZodUnion':
      return [...(definition.options?.values() ?? [])].some((option) => inside(option));
    default:
      return false;
  }
}

/** Moves every recursive schema into `$defs` (the root stays where it is) and makes the references point there. */
function nameReferences(root: JsonObject, references: ReadonlyMap<object, Pending>): JsonObject {
  const names = new Map<JsonObject, string>();
  for (const { result } of references.values()) {
    if (result !== undefined && result !== root && !names.has(result)) names.set(result, `__schema${names.size}`);
  }
  const definitions: Record<string, JsonValue> = {};

  function place(schema: JsonObject): JsonObject {
    const target = references.get(schema);
    if (target !== undefined) {
      const name = target.result === undefined ? undefined : names.get(target.result);
      return { ...schema, $ref: name === undefined ? '#' : `#/$defs/${name}` };
    }
    const name = names.get(schema);
    if (name === undefined) return mapSubschemas(schema, place);
    definitions[name] ??= mapSubschemas(schema, place);
    return { $ref: `#/$defs/${name}` };
  }

  const { $schema: _, ...placed } = mapSubschemas(root, place);
  // A wrapper such as a default copies what it wraps, so a recursive type may stand nowhere but behind a reference.
  for (const schema of names.keys()) place(schema);
  return Object.keys(definitions).length > 0 ? { ...placed, $defs: definitions } : placed;
}
