import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import type { Draft } from './draft.ts';
import { eachChildSchema } from './child-schemas.ts';

interface Resource {
  readonly url: string;
  readonly root: JsonValue;
  readonly anchors: Map<string, JsonValue>;
  readonly dynamicAnchors: Set<string>;
}

/** One schema document: which subschema a reference leads to. Only references within the document resolve. */
export class SchemaDocument {
  readonly root: JsonValue;
  readonly draft: Draft;
  #hasUnevaluated: boolean | undefined;
  /** Draft 4 and before call it otherwise. */
  readonly #idKeyword: '$id' | 'id';
  readonly #resources = new Map<string, Resource>();
  readonly #resourceOf = new Map<JsonObject, Resource>();

  constructor(root: JsonValue, draft: Draft) {
    this.root = root;
    this.draft = draft;
    const dialect = isJsonObject(root) ? root['$schema'] : undefined;
    this.#idKeyword = typeof dialect === 'string' && /draft-0[34]/.test(dialect) ? 'id' : '$id';
    const outermost = this.#addResource('gleaner:///schema', root);
    const pending: [JsonObject, Resource][] = isJsonObject(root) ? [[root, outermost]] : [];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const [schema, outer] = next;
      if (this.#resourceOf.has(schema)) continue;
      const resource = this.#index(schema, outer);
      const children: JsonObject[] = [];
      eachChildSchema(schema, (child) => children.push(child));
      for (const child of children.toReversed()) pending.push([child, resource]);
    }
  }

  /** Whether any schema in it may ask what others have evaluated. */
  get hasUnevaluated(): boolean {
    this.#hasUnevaluated ??= hasUnevaluatedIn(this.root);
    return this.#hasUnevaluated;
  }

  /** The schema that a `$ref` value standing in `from` names, or undefined when it is not in this document. */
  resolve(reference: string, from: JsonObject): JsonValue | undefined {
    const origin = this.#resourceOf.get(from) ?? this.#resources.get('gleaner:///schema');
    if (origin === undefined) return undefined;
    const hash = reference.indexOf('#');
    const path = hash < 0 ? reference : reference.slice(0, hash);
    const resource = path === '' ? origin : this.#resources.get(absoluteUrl(path, origin.url) ?? '');
    if (resource === undefined) return undefined;
    const fragment = decodeFragment(hash < 0 ? '' : reference.slice(hash + 1));
    if (fragment === undefined) return undefined;
    if (fragment === '') return resource.root;
    return fragment.startsWith('/') ? followPointer(resource.root, fragment) : resource.anchors.get(fragment);
  }

  /** The address that a reference standing in `from` names. */
  absolute(reference: string, from: JsonObject): string | undefined {
    return absoluteUrl(
      reference,
      this.#resourceOf.get(from)?.url ?? this.#resources.get('gleaner:///schema')?.url ?? '',
    );
  }

  /**
   * The schema that a `$dynamicRef` or `$recursiveRef` names, if the document leaves no doubt: with a single resource
   * there is no other scope that could redirect it.
   */
  resolveDynamic(reference: string, from: JsonObject): JsonValue | undefined {
    const distinct = new Set(this.#resources.values());
    return distinct.size === 1 ? this.resolve(reference, from) : undefined;
  }

  #addResource(url: string, root: JsonValue): Resource {
    const resource: Resource = { url, root, anchors: new Map(), dynamicAnchors: new Set() };
    this.#resources.set(url, resource);
    return resource;
  }

  /** Notes the names of a schema; the resource that it and what is in it belong to. */
  #index(schema: JsonObject, outer: Resource): Resource {
    let resource = outer;
    const id = schema[this.#idKeyword];
    const isReplaced = this.draft === '7' && typeof schema['$ref'] === 'string';
    if (typeof id === 'string' && !isReplaced) {
      if (id.startsWith('#')) resource.anchors.set(id.slice(1), schema);
      else {
        const url = absoluteUrl(id.replace(/#$/, ''), outer.url);
        if (url !== undefined && schema === this.root) {
          // The root keeps its first name too: that is where references without a base start.
          const root = { ...resource, url };
          this.#resources.set(url, root);
          this.#resources.set('gleaner:///schema', root);
          resource = root;
        } else if (url !== undefined) resource = this.#addResource(url, schema);
      }
    }
    for (const keyword of ['$anchor', '$dynamicAnchor']) {
      const anchor = schema[keyword];
      if (typeof anchor === 'string') resource.anchors.set(anchor, schema);
    }
    this.#resourceOf.set(schema, resource);
    return resource;
  }
}

/** References may lead anywhere, so that all of a document is looked at, whether it is a schema there or not. */
function hasUnevaluatedIn(root: JsonValue): boolean {
  const pending: JsonValue[] = [root];
  const seen = new Set<object>();
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    let isFlat = true;
    const members = value as JsonObject;
    for (const key in members) {
      if (key.startsWith('unevaluated')) return true;
      const member = members[key];
      if (typeof member !== 'object' || member === null) continue;
      isFlat = false;
      pending.push(member);
    }
    if (!isFlat) seen.add(value);
  }
  return false;
}

function absoluteUrl(path: string, base: string): string | undefined {
  try {
    return new URL(path, base).href;
  } catch {
    return undefined;
  }
}

function decodeFragment(fragment: string): string | undefined {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return undefined;
  }
}

function followPointer(root: JsonValue, pointer: string): JsonValue | undefined {
  let value: JsonValue | undefined = root;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value)) value = /^\d+$/.test(key) ? (value as readonly JsonValue[])[Number(key)] : undefined;
    else value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    if (value === undefined) return undefined;
  }
  return value;
}
