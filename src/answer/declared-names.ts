import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { mayTake } from './find-dropped-member.ts';
import { foldName } from './fold-name.ts';
import { propertiesOf, SchemaView, type Branches } from './schema-view.ts';

/** Containers of an answer, each with the alternatives of the schema that may be meant for it. */
interface Part {
  value: JsonValue | undefined;
  branches: Branches;
}

/** The first property that the schema declares for an object and the object has under no form of its name. */
export function findMissingName(object: JsonObject, branches: Branches): string | undefined {
  const names = new Set(Object.keys(object).map(foldName));
  return branches
    .filter((branch) => mayTake(branch, object))
    .flatMap((branch) => Object.keys(propertiesOf(branch)))
    .find((name) => !names.has(foldName(name)));
}

/** Whether an object of an answer, at any depth, has a member that no alternative of its schema declares, under any form of its name. */
export function holdsUndeclaredName(answer: JsonValue, schema: JsonObject): boolean {
  const view = SchemaView.of(schema);
  const visit = (part: Part): boolean => {
    const { value, branches } = part;
    if (Array.isArray(value)) return value.some((_, index) => visit(partOf(part, index, view)));
    if (!isJsonObject(value)) return false;
    const declared = new Set(branches.flatMap((branch) => Object.keys(propertiesOf(branch)).map(foldName)));
    return Object.keys(value).some((name) => !declared.has(foldName(name)) || visit(partOf(part, name, view)));
  };
  return visit({ value: answer, branches: view.branches(schema) });
}

/** A member or an item, with its part of the schema. */
export function partOf({ value, branches }: Part, key: string | number, view: SchemaView): Part {
  const schemas =
    typeof key === 'number'
      ? branches.map(({ items, prefixItems }) => (Array.isArray(prefixItems) ? (prefixItems[key] ?? items) : items))
      : branches.map((branch) => propertiesOf(branch)[key]);
  return {
    value: (value as Record<string | number, JsonValue>)[key],
    branches: schemas.filter(isJsonObject).flatMap((schema: JsonObject) => view.branches(schema)),
  };
}
