import type { ZodSchema } from '../../schema/zod-schema.ts';
import type { JsonObject, JsonValue } from '../../json/value.ts';
import { readZod } from '../../zod/read-zod.ts';
import type { ZodReading } from '../../zod/zod-reading.ts';

/** A lazy type that makes a new schema each time it is asked has no end. */
const MAX_SCHEMAS = 3_000;
const MAX_DEPTH = 100;

/**
 * Derives a JSON Schema that takes everything a zod schema takes, and as little else as can be told for sure. The one
 * that is derived to instruct the model is narrower than validation: where the model is asked for a number,
 * `z.coerce.number()` takes a string as well, `.catch()` takes anything, and `.trim().max(4)` takes longer strings.
 */
export function streamSchema(zodSchema: ZodSchema): JsonObject {
  const names = new Map<object, string>();
  const definitions: Record<string, JsonValue> = {};
  let left = MAX_SCHEMAS;
  let depth = 0;

  function convert(schema: object): JsonObject {
    const name = names.get(schema);
    if (name !== undefined) return { $ref: `#/$defs/${name}` };
    if (left === 0 || depth === MAX_DEPTH) return {};
    left -= 1;
    depth += 1;
    const json = convertReading(schema, readZod(schema));
    depth -= 1;
    return json;
  }

  function convertReading(schema: object, reading: ZodReading): JsonObject {
    switch (reading.kind) {
      case 'anything':
        return {};
      case 'scalar':
        return reading.json;
      case 'array':
        return { type: 'array', items: convert(reading.element), ...reading.json };
      case 'tuple': {
        const { items, rest } = reading;
        const limit = rest === undefined ? { maxItems: items.length } : { items: convert(rest) };
        const minItems = items.findLastIndex((item) => !mayBeAbsent(item)) + 1;
        return { type: 'array', prefixItems: items.map(convert), minItems, ...limit };
      }
      case 'object':
        return define(schema, () => convertObject(reading.shape, reading.rest));
      case 'record':
        return { type: 'object', additionalProperties: convert(reading.value) };
      case 'union':
        return { anyOf: reading.options.map(convert) };
      case 'nullable':
        return { anyOf: [convert(reading.inner), { type: 'null' }] };
      case 'optional':
        return convert(reading.inner);
      case 'wrapper':
        return define(schema, () => convert(reading.inner));
      default:
        return reading satisfies never;
    }
  }

  /** By reference, as it may contain itself: through getters of objects, or lazy types. */
  function define(schema: object, derive: () => JsonObject): JsonObject {
    const name = String(names.size);
    names.set(schema, name);
    definitions[name] = derive();
    return { $ref: `#/$defs/${name}` };
  }

  function convertObject(shape: Readonly<Record<string, object>>, rest: 'open' | 'closed' | object): JsonObject {
    const additional = typeof rest === 'object' ? convert(rest) : rest === 'open';
    const required = Object.keys(shape).filter((key) => !mayBeAbsent(shape[key]));
    // fromEntries defines own properties, so a field named __proto__ survives.
    const properties = Object.fromEntries(Object.entries(shape).map(([key, field]) => [key, convert(field)]));
    return { type: 'object', properties, required, additionalProperties: additional };
  }

  function mayBeAbsent(schema: object | undefined, depth = 0): boolean {
    if (schema === undefined || depth === MAX_DEPTH) return true;
    const reading = readZod(schema);
    switch (reading.kind) {
      case 'anything':
      case 'optional':
        return true;
      case 'nullable':
      case 'wrapper':
        return mayBeAbsent(reading.inner, depth + 1);
      case 'union':
        return reading.options.some((option) => mayBeAbsent(option, depth + 1));
      default:
        return false;
    }
  }

  const root = convert(zodSchema);
  return { ...root, $defs: definitions };
}
