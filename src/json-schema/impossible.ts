import { resolveReference } from './schema-reference.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { fieldPath } from './field-path.ts';

/**
 * Finds why a schema can have no valid document: the path of the first required place that nothing fits, because of
 * `z.never()` or an enum without values. Undefined where a document is not ruled out that way.
 */
export function findImpossible(root: JsonObject): string | undefined {
  const open = new Set<JsonObject>();

  function visit(schema: JsonValue | undefined, path: string): string | undefined {
    if (schema === false) return path;
    if (!isJsonObject(schema) || open.has(schema)) return undefined;
    const { not, enum: values, anyOf, oneOf, allOf, required, properties, prefixItems, minItems } = schema;
    if (not === true || (isJsonObject(not) && Object.keys(not).length === 0)) return path;
    if (Array.isArray(values) && values.length === 0) return path;
    open.add(schema);
    let found = visit(resolveReference(root, schema['$ref']), path);
    const options = anyOf ?? oneOf;
    if (Array.isArray(options)) {
      const causes = (options as readonly JsonValue[]).map((option) => visit(option, path));
      if (causes.every((cause) => cause !== undefined)) found ??= causes[0] ?? path;
    }
    for (const part of Array.isArray(allOf) ? (allOf as readonly JsonValue[]) : []) found ??= visit(part, path);
    for (const name of Array.isArray(required) ? (required as readonly JsonValue[]) : []) {
      const child = isJsonObject(properties) ? properties[String(name)] : undefined;
      found ??= visit(child, fieldPath(path, { keyword: 'properties', key: String(name), pointer: '' }));
    }
    const least = typeof minItems === 'number' ? minItems : 0;
    for (const [index, item] of (Array.isArray(prefixItems) ? (prefixItems as readonly JsonValue[]) : []).entries()) {
      if (index < least) found ??= visit(item, `${path}[${index}]`);
    }
    if (least > 0 && !Array.isArray(prefixItems)) found ??= visit(schema['items'], `${path}[]`);
    open.delete(schema);
    return found;
  }
  return visit(root, '');
}
