import { isJsonObject, type JsonObject } from '../json/value.ts';
import { fieldPath, quoteFieldPath } from './field-path.ts';
import { resolveReference } from './schema-reference.ts';
import { eachSubschema } from './subschemas.ts';

/** Levels of objects and arrays from which on users report "exceeds the maximum allowed nesting depth". */
const DEEPEST_NESTING = 5;
const LONGEST_ENUM = 100;
const LONGEST_PROPERTY_NAME = 64;
/** Google names many optional properties as a cause, without a number; this one is ours. */
const MOST_OPTIONAL_PROPERTIES = 24;

/**
 * Warns where a schema comes near the limits that Google documents as causes of "too many states for serving" without
 * giving numbers: https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/control-generated-output
 */
export function complexityWarnings(provider: JsonObject): string[] {
  const warnings: string[] = [];
  const seen = new Set<JsonObject>();
  let optionalProperties = 0;
  let deepest = { depth: 0, path: '' };

  function visit(schema: JsonObject, path: string, depth: number): void {
    const isLevel = schema['type'] === 'object' || schema['type'] === 'array';
    const level = isLevel ? depth + 1 : depth;
    if (level > deepest.depth) deepest = { depth: level, path };
    if (seen.has(schema)) return;
    seen.add(schema);
    const values = schema['enum'];
    if (Array.isArray(values) && values.length > LONGEST_ENUM) {
      warnings.push(
        `${quoteFieldPath(path)} lists ${values.length} values; long enums can make the service refuse a schema`,
      );
    }
    const { properties } = schema;
    if (isJsonObject(properties)) {
      const names = Object.keys(properties);
      const required = Array.isArray(schema['required']) ? schema['required'].length : 0;
      optionalProperties += Math.max(0, names.length - required);
      for (const name of names) {
        if (name.length > LONGEST_PROPERTY_NAME) {
          warnings.push(`The property name "${name}" is long; long names can make the service refuse a schema`);
        }
      }
    }
    if (schema['type'] === 'object' && (!isJsonObject(properties) || Object.keys(properties).length === 0)) {
      warnings.push(
        `${quoteFieldPath(path)} is an object without named properties, to which models were seen to answer with nothing; ` +
          'a list of { key, value } objects is safer',
      );
    }
    if (['type', 'anyOf', '$ref'].every((keyword) => schema[keyword] === undefined)) {
      warnings.push(
        `${quoteFieldPath(path)} may hold anything, and no service promises to fill a place without a type`,
      );
    }
    const target = resolveReference(provider, schema['$ref']);
    if (target !== undefined) visit(target, path, level);
    eachSubschema(schema, (child, place) => {
      if (place.keyword !== '$defs') visit(child, fieldPath(path, place), level);
    });
  }

  visit(provider, '', 0);
  if (deepest.depth > DEEPEST_NESTING) {
    warnings.push(
      `${quoteFieldPath(deepest.path)} is nested ${deepest.depth} levels deep; the service was seen to refuse more than ${DEEPEST_NESTING}`,
    );
  }
  if (optionalProperties > MOST_OPTIONAL_PROPERTIES) {
    warnings.push(
      `${optionalProperties} properties are optional; many of them can make the service refuse a schema, .nullable() does not count`,
    );
  }
  return warnings;
}
