import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { fieldWords, findMeaning } from './field-meaning.ts';
import { anyNode, numberNode, numberOr, stringNode } from './leaf-nodes.ts';
import { mergeSchemas } from './merge-schema.ts';
import { nodeHeight, type FieldName, type ReferenceNode, type SchemaNode } from './schema-node.ts';

/** Compiles a schema once, so that answers to a million requests with it cost no second look at its text. */
export function compileSchema(root: JsonObject): SchemaNode {
  const compiler = new SchemaCompiler(root);
  const node = compiler.compile(root, UNNAMED);
  measureReferences(compiler.references);
  return node;
}

const MAX_DEPTH = 200;
const MAX_NODES = 20_000;

const UNNAMED: FieldName = { words: [], meaning: undefined, description: '' };

class SchemaCompiler {
  readonly references: ReferenceNode[] = [];
  readonly #root: JsonObject;
  readonly #byPointer = new Map<string, ReferenceNode>();
  #depth = 0;
  #nodes = 0;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  compile(schema: JsonValue | undefined, name: FieldName): SchemaNode {
    // Alternatives that lead back to themselves would otherwise unfold for ever.
    if (!isJsonObject(schema) || this.#depth > MAX_DEPTH || this.#nodes > MAX_NODES) return anyNode(name);
    this.#nodes += 1;
    this.#depth += 1;
    try {
      return this.#compiled(schema, name);
    } finally {
      this.#depth -= 1;
    }
  }

  #compiled(schema: JsonObject, name: FieldName): SchemaNode {
    const reference = schema['$ref'] ?? schema['ref'];
    if (typeof reference === 'string') return this.#reference(reference, schema, name);
    const description = schema['description'];
    const named = typeof description === 'string' ? { ...name, description } : name;
    const { allOf, anyOf, oneOf, nullable, ...rest } = schema;
    if (Array.isArray(allOf)) {
      const parts = allOf.map((part: JsonValue) => this.#resolve(part));
      return this.compile(parts.reduce(mergeSchemas, withDefined(rest, { anyOf, oneOf, nullable })), name);
    }
    if (nullable === true) {
      return choiceOf([this.compile(withDefined(rest, { anyOf, oneOf }), named), { kind: 'null' }]);
    }
    const branches = anyOf ?? oneOf;
    if (Array.isArray(branches) && branches.length > 0) {
      const rest2 = anyOf === undefined ? rest : withDefined(rest, { oneOf });
      return choiceOf(branches.map((branch: JsonValue) => this.compile(this.#joined(rest2, branch), named)));
    }
    return this.#single(rest, named);
  }

  /** A base with one of its alternatives; a bare reference stays one, so that recursion is seen. */
  #joined(base: JsonObject, branch: JsonValue): JsonValue {
    const demands = Object.keys(base).some((key) => !ANNOTATIONS.has(key));
    return demands ? mergeSchemas(base, this.#resolve(branch)) : branch;
  }

  #single(schema: JsonObject, name: FieldName): SchemaNode {
    if ('const' in schema) return { kind: 'enum', name, values: [schema['const'] ?? null] };
    const values = schema['enum'];
    if (Array.isArray(values) && values.length > 0) {
      const allowed = (values as readonly JsonValue[]).filter((value) => hasType(value, schema['type']));
      return { kind: 'enum', name, values: allowed.length > 0 ? allowed : values };
    }
    const type = schema['type'];
    if (Array.isArray(type) && type.length > 0) {
      return choiceOf((type as readonly JsonValue[]).map((one) => this.#typed(String(one), schema, name)));
    }
    return this.#typed(typeof type === 'string' ? type : impliedType(schema), schema, name);
  }

  #typed(type: string, schema: JsonObject, name: FieldName): SchemaNode {
    switch (type.toLowerCase()) {
      case 'object':
        return this.#object(schema);
      case 'array':
        return this.#array(schema, name);
      case 'number':
        return numberNode(schema, name, false);
      case 'integer':
        return numberNode(schema, name, true);
      case 'boolean':
        return { kind: 'boolean', name };
      case 'null':
        return { kind: 'null' };
      default:
        return stringNode(schema, name);
    }
  }

  #object(schema: JsonObject): SchemaNode {
    const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
    const required = new Set(Array.isArray(schema['required']) ? (schema['required'] as readonly JsonValue[]) : []);
    const additional = schema['additionalProperties'];
    const extra = additional === false ? undefined : this.compile(additional, UNNAMED);
    const names = orderedNames(properties, schema['propertyOrdering']);
    for (const name of required) if (typeof name === 'string' && !Object.hasOwn(properties, name)) names.push(name);
    return {
      kind: 'object',
      properties: names.map((name) => {
        const property = Object.hasOwn(properties, name) ? properties[name] : additional;
        return { name, isRequired: required.has(name), node: this.compile(property, fieldName(name)) };
      }),
      extra,
      isMap: names.length === 0 && additional !== undefined && additional !== false,
      minProperties: numberOr(schema['minProperties'], 0),
    };
  }

  #array(schema: JsonObject, name: FieldName): SchemaNode {
    const prefix = Array.isArray(schema['prefixItems']) ? (schema['prefixItems'] as readonly JsonValue[]) : [];
    const isClosed = schema['items'] === false;
    // An array is named in the plural after what it holds: "phones" holds phones.
    const maxItems = numberOr(schema['maxItems'], Infinity);
    return {
      kind: 'array',
      name,
      prefix: prefix.map((item) => this.compile(item, name)),
      item: this.compile(schema['items'], name),
      minItems: numberOr(schema['minItems'], 0),
      maxItems: isClosed ? Math.min(maxItems, prefix.length) : maxItems,
      isUnique: schema['uniqueItems'] === true,
    };
  }

  #reference(pointer: string, schema: JsonObject, name: FieldName): SchemaNode {
    const { $ref: _, ref: __, ...siblings } = schema;
    if (Object.keys(siblings).some((key) => !ANNOTATIONS.has(key))) {
      const target = this.#resolve({ $ref: pointer });
      // A reference to the schema it stands in cannot be merged into itself.
      if (target !== this.#root) return this.compile(mergeSchemas(target, siblings), name);
    }
    const key = `${pointer} ${name.words.join(' ')}`;
    const known = this.#byPointer.get(key);
    if (known !== undefined) return known;
    const node: ReferenceNode = { kind: 'reference', target: { kind: 'null' }, height: Infinity };
    this.#byPointer.set(key, node);
    this.references.push(node);
    node.target = this.compile(lookUpPointer(this.#root, pointer), name);
    return node;
  }

  /** Follows references until there is a schema; an endless chain is no schema. */
  #resolve(schema: JsonValue | undefined): JsonObject {
    let current = schema;
    for (let hops = 0; hops < 32; hops++) {
      if (!isJsonObject(current)) return {};
      const reference = current['$ref'];
      if (typeof reference !== 'string') return current;
      current = lookUpPointer(this.#root, reference);
    }
    return {};
  }
}

/** Keywords that demand nothing. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  '$schema',
  '$id',
  '$anchor',
  '$comment',
  '$defs',
  'definitions',
  'title',
  'description',
  'default',
  'example',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
]);

function withDefined(schema: JsonObject, keywords: JsonObject): JsonObject {
  const defined = Object.entries(keywords).filter(([, value]) => value !== undefined);
  return defined.length === 0 ? schema : { ...schema, ...Object.fromEntries(defined) };
}

function choiceOf(branches: readonly SchemaNode[]): SchemaNode {
  const flat = branches.flatMap((branch) => (branch.kind === 'choice' ? branch.branches : [branch]));
  const [only] = flat;
  return flat.length === 1 && only !== undefined ? only : { kind: 'choice', branches: flat };
}

/** The part of a schema that a local reference such as `#/$defs/item` names. */
export function lookUpPointer(root: JsonObject, pointer: string): JsonValue | undefined {
  if (pointer === '#' || pointer === '') return root;
  if (!pointer.startsWith('#/')) return undefined;
  let current: JsonValue | undefined = root;
  for (const part of pointer.slice(2).split('/')) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(current)) current = (current as readonly JsonValue[])[Number(key)];
    else if (isJsonObject(current) && Object.hasOwn(current, key)) current = current[key];
    else return undefined;
  }
  return current;
}

function fieldName(name: string): FieldName {
  const words = fieldWords(name);
  return { words, meaning: findMeaning(words), description: '' };
}

function orderedNames(properties: JsonObject, ordering: JsonValue | undefined): string[] {
  const names = Object.keys(properties);
  if (!Array.isArray(ordering)) return names;
  const first = (ordering as readonly JsonValue[]).filter(
    (name): name is string => typeof name === 'string' && Object.hasOwn(properties, name),
  );
  return [...new Set([...first, ...names])];
}

function impliedType(schema: JsonObject): string {
  if ('properties' in schema || 'additionalProperties' in schema || 'required' in schema) return 'object';
  if ('items' in schema || 'prefixItems' in schema) return 'array';
  if ('minimum' in schema || 'maximum' in schema || 'multipleOf' in schema) return 'number';
  return 'string';
}

function hasType(value: JsonValue, type: JsonValue | undefined): boolean {
  if (type === undefined) return true;
  const types = Array.isArray(type) ? (type as readonly JsonValue[]) : [type];
  return types.some((one) => {
    switch (String(one).toLowerCase()) {
      case 'null':
        return value === null;
      case 'array':
        return Array.isArray(value);
      case 'object':
        return isJsonObject(value);
      case 'integer':
        return Number.isInteger(value);
      default:
        return typeof value === String(one).toLowerCase();
    }
  });
}

/** Heights of definitions depend on each other: repeat until nothing changes, at most once per definition. */
function measureReferences(references: readonly ReferenceNode[]): void {
  for (let round = 0; round <= references.length; round++) {
    let changed = false;
    for (const reference of references) {
      const height = nodeHeight(reference.target);
      if (height === reference.height) continue;
      reference.height = height;
      changed = true;
    }
    if (!changed) return;
  }
}
