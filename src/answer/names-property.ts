import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { foldName } from './fold-name.ts';
import { propertiesOf, SchemaView } from './schema-view.ts';

/** Whether an object has a member, at any depth, that is called like a property of the answer that is wanted, or nearly so. */
export function namesAnyProperty(value: JsonObject, schema: JsonObject): boolean {
  const names = new Set(
    SchemaView.of(schema)
      .branches(schema)
      .flatMap((branch) => Object.keys(propertiesOf(branch)).map(foldName)),
  );
  const visit = (part: JsonValue | undefined): boolean => {
    if (Array.isArray(part)) return (part as readonly JsonValue[]).some(visit);
    return (
      isJsonObject(part) && Object.entries(part).some(([key, member]) => names.has(foldName(key)) || visit(member))
    );
  };
  return visit(value);
}
