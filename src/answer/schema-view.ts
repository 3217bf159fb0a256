import { resolveReference } from '../json-schema/schema-reference.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { mergeAllOf } from '../json-schema/merge-all-of.ts';

const MAX_REFERENCES = 20;

/** Alternatives of a schema, each without references, unions, or more than one type. */
export type Branches = readonly JsonObject[];

/** Reads the JSON Schema that a zod schema derives to, part by part; what was read is kept, as all answers are held against it. */
export class SchemaView {
  static readonly #views = new WeakMap<JsonObject, SchemaView>();
  readonly #root: JsonObject;
  readonly #branches = new WeakMap<JsonObject, Branches>();

  private constructor(root: JsonObject) {
    this.#root = root;
  }

  /** The view of a schema: one for all answers of a run. */
  static of(root: JsonObject): SchemaView {
    let view = SchemaView.#views.get(root);
    if (view === undefined) {
      view = new SchemaView(root);
      SchemaView.#views.set(root, view);
    }
    return view;
  }

  branches(schema: JsonObject): Branches {
    let branches = this.#branches.get(schema);
    if (branches === undefined) {
      branches = this.#expand(schema, MAX_REFERENCES);
      this.#branches.set(schema, branches);
    }
    return branches;
  }

  #expand(given: JsonObject, left: number): JsonObject[] {
    if (left === 0) return [{}];
    const schema = this.#resolve(given);
    const { anyOf, oneOf, ...rest } = schema;
    const options = anyOf ?? oneOf;
    if (Array.isArray(options)) {
      return options
        .filter(isJsonObject)
        .flatMap((option: JsonObject) => this.#expand({ ...withoutNotes(rest), ...option }, left - 1));
    }
    const { type } = schema;
    return Array.isArray(type) ? type.map((one) => ({ ...schema, type: one })) : [schema];
  }

  #resolve(schema: JsonObject): JsonObject {
    if (schema['$ref'] === undefined && schema['allOf'] === undefined) return schema;
    return mergeAllOf([schema], (reference) => resolveReference(this.#root, reference)).merged;
  }
}

/** What stands beside a union narrows each of its branches; what describes the whole does not. */
function withoutNotes(schema: JsonObject): JsonObject {
  const { default: _, description: __, title: ___, ...rest } = schema;
  return rest;
}

/** The properties that an object schema declares. */
export function propertiesOf({ properties }: JsonObject): Readonly<Record<string, JsonObject>> {
  return isJsonObject(properties) ? (properties as Readonly<Record<string, JsonObject>>) : {};
}
