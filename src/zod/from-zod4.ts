import { isJsonObject } from '../json/value.ts';
import { amendPatterns } from './amend-patterns.ts';
import { FORMAT_PATTERN_NOTE, ZOD_TYPE_NOTE } from '../json-schema/notes.ts';
import { stringboolWords } from './stringbool.ts';
import type { ZodConverter, ZodForm, ZodSide } from './to-json-schema.ts';
import { zodChecks, zodDefinition } from './walk.ts';
import { ownFormat } from './zod-format.ts';

const NOTED: ReadonlySet<string> = new Set([
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
 * Loads the converter for schemas of zod 4 and zod/mini. Works with the converter of any zod since 3.25.76 and with schemas of
 * another copy of zod than the converter's; types that JSON lacks carry a note.
 */
export async function loadZod4Converter(): Promise<ZodConverter> {
  // The core is the lightest entry that has the converter: the classic and mini entries load it too.
  const { toJSONSchema } = await import('zod/v4/core');
  return (schema, side, form) => {
    const converted = toJSONSchema(schema as Parameters<typeof toJSONSchema>[0], {
      io: side,
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) => amend(zodSchema, jsonSchema as Record<string, unknown>, side, form),
    });
    return isJsonObject(converted) ? converted : {};
  };
}

function amend(zodSchema: object, json: Record<string, unknown>, side: ZodSide, form: ZodForm): void {
  const definition = zodDefinition(zodSchema) as unknown as ZodDefinition;
  addMetadata(zodSchema, json);
  if (NOTED.has(definition.type)) {
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
  if (form === 'earlier') return;
  if (definition.type === 'string') {
    const format = ownFormat(zodSchema);
    if (format !== undefined) json[FORMAT_PATTERN_NOTE] = format;
    const checks = [zodDefinition(zodSchema), ...zodChecks(zodDefinition(zodSchema))];
    amendPatterns(
      json,
      checks.map(({ pattern }) => pattern).filter((pattern) => pattern instanceof RegExp),
    );
  }
  if (definition.type === 'pipe' && side === 'input') {
    const words = stringboolWords(zodSchema);
    if (words !== undefined) json['enum'] = words;
  }
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
