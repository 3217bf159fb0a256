import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { FieldTally, type FieldProfile, type SavedFieldTally } from './field-tally.ts';
import { PlaceCount } from './place-count.ts';

/** Fields of the data that are told apart: wide schemas have hundreds. */
const MAX_FIELDS = 400;
/** Members of one object within that are, which may be free keys, and members of objects and lists within the data in all. */
const MAX_MEMBERS = 60;
const MAX_NESTED = 140;
const MAX_DEPTH = 8;

interface Node {
  tally: FieldTally;
  /** Whether it says something itself: of a list's members only those that are no objects do. */
  isField: boolean;
  members: Map<string, Node> | undefined;
  objects: PlaceCount;
  items: Node | undefined;
  itemPlaces: PlaceCount;
}

/** A `Node` as a checkpoint holds it. */
interface SavedNode {
  tally: SavedFieldTally;
  isField: boolean;
  members: [name: string, member: SavedNode][] | undefined;
  objects: ReturnType<PlaceCount['save']>;
  items: SavedNode | undefined;
  itemPlaces: ReturnType<PlaceCount['save']>;
}

/** A `FieldTree` as a checkpoint holds it. */
export interface SavedFieldTree {
  fields: [name: string, field: SavedNode][];
  nested: number;
  results: number;
}

/** One field with its name as people write it: `address.street`, `items[].price`. */
export interface NamedField {
  name: string;
  profile: FieldProfile;
}

/** What the fields of the results hold, those within objects and lists included, in memory that does not depend on the number of results. */
export class FieldTree {
  readonly #fields = new Map<string, Node>();
  #nested = 0;
  #results = 0;
  #isBeyond = false;

  /** Returns whether the data has members that are not told apart any more. */
  add(data: JsonObject): boolean {
    this.#results += 1;
    this.#isBeyond = false;
    for (const name of Object.keys(data)) {
      const field = this.#memberOf(this.#fields, name, 0);
      if (field !== undefined) this.#add(field, data[name] ?? null, 0);
    }
    return this.#isBeyond;
  }

  save(): SavedFieldTree {
    return { fields: savedMembers(this.#fields), nested: this.#nested, results: this.#results };
  }

  load({ fields, nested, results }: SavedFieldTree): void {
    for (const [name, field] of fields) this.#fields.set(name, loadedNode(field));
    this.#nested = nested;
    this.#results = results;
  }

  /** In the order in which they came up, each before what it holds. `results` includes those whose data is no object. */
  list(results: number): NamedField[] {
    const found: NamedField[] = [];
    for (const [name, node] of this.#fields) collect(node, name, { places: results }, found);
    return found;
  }

  #add(node: Node, value: JsonValue, depth: number): void {
    node.tally.add(value);
    if (Array.isArray(value)) {
      if (value.length === 0) return;
      node.items ??= this.#nest(depth);
      if (node.items === undefined) return;
      node.itemPlaces.add(value.length, this.#results);
      for (const item of value) {
        if (!isJsonObject(item)) node.items.isField = true;
        this.#add(node.items, item, depth + 1);
      }
      return;
    }
    if (!isJsonObject(value)) return;
    node.objects.add(1, this.#results);
    for (const name of Object.keys(value)) {
      node.members ??= new Map();
      const member = this.#memberOf(node.members, name, depth + 1);
      if (member !== undefined) this.#add(member, value[name] ?? null, depth + 1);
    }
  }

  /** Free keys of an object within do not take the places of the data's own fields. */
  #memberOf(members: Map<string, Node>, name: string, depth: number): Node | undefined {
    const known = members.get(name);
    if (known !== undefined) return known;
    if (members.size >= (depth === 0 ? MAX_FIELDS : MAX_MEMBERS)) {
      this.#isBeyond = true;
      return undefined;
    }
    const made = depth === 0 ? createNode(true) : this.#nest(depth, true);
    if (made !== undefined) members.set(name, made);
    return made;
  }

  #nest(depth: number, isField = false): Node | undefined {
    if (this.#nested >= MAX_NESTED || depth > MAX_DEPTH) {
      this.#isBeyond = true;
      return undefined;
    }
    this.#nested += 1;
    return createNode(isField);
  }
}

function createNode(isField: boolean): Node {
  return {
    tally: new FieldTally(),
    isField,
    members: undefined,
    objects: new PlaceCount(),
    items: undefined,
    itemPlaces: new PlaceCount(),
  };
}

function savedMembers(members: ReadonlyMap<string, Node>): [string, SavedNode][] {
  return [...members].map(([name, member]) => [name, savedNode(member)]);
}

function savedNode({ tally, isField, members, objects, items, itemPlaces }: Node): SavedNode {
  return {
    tally: tally.save(),
    isField,
    members: members && savedMembers(members),
    objects: objects.save(),
    items: items && savedNode(items),
    itemPlaces: itemPlaces.save(),
  };
}

function loadedNode(saved: SavedNode): Node {
  const node = createNode(saved.isField);
  node.tally.load(saved.tally);
  node.objects.load(saved.objects);
  node.itemPlaces.load(saved.itemPlaces);
  node.items = saved.items && loadedNode(saved.items);
  node.members = saved.members && new Map(saved.members.map(([name, member]) => [name, loadedNode(member)]));
  return node;
}

function collect(node: Node, name: string, of: { places: number; independent?: number }, found: NamedField[]): void {
  if (node.isField) found.push({ name, profile: { ...node.tally.profile(of.places), ...nestedPlaces(of) } });
  const { members = new Map<string, Node>(), items, objects, itemPlaces } = node;
  for (const [member, child] of members) collect(child, `${name}.${member}`, objects, found);
  if (items !== undefined) collect(items, `${name}[]`, itemPlaces, found);
}

function nestedPlaces({ places, independent }: { places: number; independent?: number }): {
  places?: number;
  independent?: number;
} {
  return independent === undefined ? {} : { places, independent };
}
