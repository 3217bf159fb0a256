import { GleanerError } from '../gleaner-error.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';
import { ZOD_TYPE_NOTE } from './notes.ts';
import { fieldPath, quoteFieldPath } from './field-path.ts';
import { resolveReference } from './schema-reference.ts';
import { eachSubschema, mapSubschemas } from './subschemas.ts';

const ADVICE = new Map([
  [
    'date',
    'use z.iso.date() or z.iso.datetime() (zod 3: z.string().date(), z.string().datetime()), or z.coerce.date()',
  ],
  ['bigint', 'use z.string().regex(/^-?\\d+$/), or z.int()'],
  ['map', 'use z.record(), or an array of objects'],
  ['set', 'use z.array()'],
  ['undefined', 'use .optional()'],
  ['void', 'use .optional()'],
  ['symbol', 'use z.enum()'],
  ['nan', 'use z.number()'],
  ['custom', 'use a built-in type with .refine(), or a built-in type with .transform()'],
  ['function', 'use a built-in type with .transform()'],
  ['promise', 'use the type inside without z.promise()'],
  ['transform', 'start from a type that the model can write, such as z.string().transform(...)'],
  ['file', 'use z.string()'],
]);

/** JSON values from which `z.coerce` makes the type, so that the model can be asked for them. */
const COERCIBLE = new Map<string, JsonObject>([
  ['coerced date', { type: 'string', format: 'date-time' }],
  ['coerced bigint', { type: 'integer' }],
]);

/**
 * Settles the notes on the model's side: coerced types become what they are coerced from.
 *
 * @throws {GleanerError} for any other type that a model cannot write in JSON
 */
export function settleInput(schema: JsonObject): JsonObject {
  return settle(schema, (type, path) => {
    const replacement = COERCIBLE.get(type);
    if (replacement !== undefined) return replacement;
    throw new GleanerError(
      'schema-unusable',
      `Cannot ask a model for ${quoteFieldPath(path)}: JSON has no ${type} type; ${ADVICE.get(type) ?? 'use a type that JSON has'}`,
    );
  });
}

/**
 * Settles the notes on the side of results: dates are written as text; what a transform yields is left open and reported.
 *
 * @throws {GleanerError} for types that would be lost or fail when a result is written as JSON
 */
export function settleOutput(schema: JsonObject, warnings: string[]): JsonObject {
  return settle(schema, (type, path) => {
    const plain = type.replace('coerced ', '');
    switch (plain) {
      case 'date':
        return { type: 'string', format: 'date-time' };
      case 'bigint':
      case 'map':
      case 'set':
        throw new GleanerError(
          'schema-unusable',
          `Cannot write results of ${quoteFieldPath(path)}: JSON text cannot hold a ${plain}; ${ADVICE.get(plain) ?? ''}`,
        );
      default:
        warnings.push(
          `The output of ${quoteFieldPath(path)} comes from a ${plain}, whose shape no schema shows; changes of it go unnoticed`,
        );
        return {};
    }
  });
}

function settle(root: JsonObject, replace: (type: string, path: string) => JsonObject): JsonObject {
  // The first path on which a note is met names it, so references are followed, each once.
  const pathOfNote = new Map<JsonObject, string>();
  const seen = new Set<JsonObject>();
  function locate(schema: JsonObject, path: string): void {
    if (seen.has(schema)) return;
    seen.add(schema);
    if (typeof schema[ZOD_TYPE_NOTE] === 'string') pathOfNote.set(schema, path);
    const target = resolveReference(root, schema['$ref']);
    if (target !== undefined) locate(target, path);
    eachSubschema(schema, (child, place) => {
      if (place.keyword !== '$defs') locate(child, fieldPath(path, place));
    });
  }
  locate(root, '');

  function rewrite(schema: JsonObject): JsonObject {
    const { [ZOD_TYPE_NOTE]: type, ...rest } = schema;
    const below = mapSubschemas(rest, rewrite);
    if (typeof type !== 'string') return below;
    // Annotations stay; what the converter guessed for the type does not.
    const annotations: Record<string, JsonValue | undefined> = {};
    for (const keyword of ['title', 'description', 'default', 'examples', '$defs']) {
      if (below[keyword] !== undefined) annotations[keyword] = below[keyword];
    }
    return { ...replace(type, pathOfNote.get(schema) ?? ''), ...annotations };
  }
  return rewrite(root);
}
