import { canonicalJson } from '../../json/canonical.ts';
import { pointerToken } from '../../json/pointer.ts';
import { definitionName } from '../schema-reference.ts';
import { eachSubschema } from '../subschemas.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import type { SchemaLoss } from '../schema-loss.ts';
import { Conversion } from './conversion.ts';
import { convertSchema } from './convert.ts';
import { GEMINI, type Dialect } from './dialects.ts';
import { fitItemsBudget } from './items-budget.ts';

export interface ProviderSchema {
  provider: JsonObject;
  losses: SchemaLoss[];
}

/**
 * Rewrites a JSON Schema into what the provider accepts. Never narrower than the original: every document that is valid
 * under `schema` is valid under the result, and what the result says less is reported. A schema that is within the
 * subset comes back as it is, without losses.
 */
export function toProviderSchema(schema: JsonObject, dialect: Dialect = GEMINI): ProviderSchema {
  const conversion = new Conversion(schema, dialect);
  const converted = convertSchema(conversion, schema, '') ?? { not: {} };
  const definitions: Record<string, JsonValue> = {};
  const given = schema['$defs'];
  if (isJsonObject(given)) {
    for (const [name, definition] of Object.entries(given)) {
      const value = convertSchema(conversion, definition, `/$defs/${pointerToken(name)}`) ?? { not: {} };
      Object.defineProperty(definitions, name, { value, enumerable: true });
    }
  }
  const used = usedDefinitions(converted, definitions);
  const isInUse = (path: string): boolean => !path.startsWith('/$defs/') || used.some((name) => isBelow(path, name));
  fitItemsBudget(conversion, isInUse);
  const kept = Object.fromEntries(used.map((name) => [name, definitions[name]]));
  const provider = used.length > 0 ? { ...converted, $defs: kept } : converted;
  const losses = conversion.losses.filter(({ path }) => isInUse(path));
  // A place that is converted more than once, such as a record's value, is reported once.
  return { provider, losses: [...new Map(losses.map((loss) => [canonicalJson(loss), loss])).values()] };
}

function isBelow(path: string, definition: string): boolean {
  const base = `/$defs/${pointerToken(definition)}`;
  return path === base || path.startsWith(`${base}/`);
}

/** Names of the definitions that the schema still refers to; merging and dropping leave some without a use. */
function usedDefinitions(root: JsonObject, definitions: Readonly<Record<string, JsonValue>>): string[] {
  const used = new Set<string>();
  function collect(schema: JsonObject): void {
    const reference = schema['$ref'];
    const name = typeof reference === 'string' ? definitionName(reference) : undefined;
    if (name !== undefined && Object.hasOwn(definitions, name) && !used.has(name)) {
      used.add(name);
      const target = definitions[name];
      if (isJsonObject(target)) collect(target);
    }
    eachSubschema(schema, collect);
  }
  collect(root);
  return Object.keys(definitions).filter((name) => used.has(name));
}
