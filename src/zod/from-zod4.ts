import { isJsonObject, type JsonObject } from '../json/value.ts';
import { ZOD_TYPE_NOTE } from './notes.ts';

const noted = new Set([
  'date',
  'bigint',
  'map',
  'set',
  'undefined',
  'void',
  'symbol',
  'nan',
  'custom',
  'function',
  'promise',
  'transform',
  'file',
]);

/**
 * Converts a schema of zod 4 or zod/mini. Works with the converter of any zod since 3.25.76 and with schemas of another
 * copy of zod than the converter's; types that JSON lacks carry a note.
 */
export async function fromZod4(schema: object, side: 'input' | 'output'): Promise<JsonObject> {
  // The core is the lightest entry that has the converter: the classic and mini entries load it too.
  const { toJSONSchema } = await import('zod/v4/core');
  const converted = toJSONSchema(schema as Parameters<typeof toJSONSchema>[0], {
    io: side,
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const json = jsonSchema as Record<string, unknown>;
      const definition = zodSchema._zod.def as ZodDefinition;
      addMetadata(zodSchema, json);
      if (noted.has(definition.type)) {
        json[ZOD_TYPE_NOTE] = definition.coerce === true ? `coerced ${definition.type}` : definition.type;
      }
      if (definition.type === 'literal') {
        const odd = (definition.values ?? []).filter((value) => value === undefined || typeof value === 'bigint');
        if (odd.length > 0) json[ZOD_TYPE_NOTE] = typeof odd[0];
      }
      // Before zod 4.1 tuples came out without their length, which left them open.
      if (definition.type === 'tuple' && definition.rest == null && Array.isArray(json['prefixItems'])) {
        json['items'] = false;
        json['maxItems'] ??= json['prefixItems'].length;
      }
    },
  });
  return isJsonObject(converted) ? converted : {};
}

interface ZodDefinition {
  type: string;
  coerce?: boolean;
  rest?: unknown;
  values?: unknown[];
}

/**
 * Descriptions live in a registry beside the schema. Until zod 4.1 each copy of zod had its own, so ask the schema,
 * which knows its copy's, rather than the converter.
 */
function addMetadata(schema: object, json: Record<string, unknown>): void {
  if (!('meta' in schema) || typeof schema.meta !== 'function') return;
  const metadata: unknown = schema.meta();
  if (!isJsonObject(metadata)) return;
  for (const [key, value] of Object.entries(metadata)) {
    if (key !== 'id' && !Object.hasOwn(json, key)) json[key] = value;
  }
}
