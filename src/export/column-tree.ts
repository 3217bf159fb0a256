import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { GleanerError } from '../gleaner-error.ts';
import { commonType, type Column, type ColumnType } from './column.ts';
import { referencesOf, shapeOf } from './schema-shape.ts';

/** Objects nested deeper than this stay JSON text in one cell. */
const MAX_DEPTH = 12;
/** As many as a spreadsheet has. A schema with free keys can give every record columns of its own. */
const MAX_COLUMNS = 16_384;

export type Cell = JsonValue | undefined;

interface Node {
  /** Names in column order: a name that turns up late takes its place behind the one it follows in its record. */
  names: string[];
  children: Map<string, Node>;
  /** What the values that take a cell here are; undefined where none does. */
  type: ColumnType | undefined;
  column: number;
  /** Whether members that no column is for have one together. */
  isOpen: boolean;
  openColumn: number;
}

/**
 * The columns for the objects of a file, learned from their schema or from themselves: nested members become dotted columns; lists, and
 * what is too deep, JSON text. The list at the path `expanded` has no column: its members take columns, one member a row.
 */
export class ColumnTree {
  readonly #root = createNode();
  readonly #expanded: string | undefined;
  #expandedNode: Node | undefined;
  /** Paths of lists that the schema names. */
  readonly lists: string[] = [];
  #nodes = 0;
  /** Values that were passed over, as no column is for them. */
  unplaced = 0;

  constructor(expanded?: string) {
    this.#expanded = expanded;
  }

  /** Whether there is a list at the path that is to be expanded. */
  get hasExpanded(): boolean {
    return this.#expandedNode !== undefined;
  }

  /** @throws {GleanerError} when there are more columns than a spreadsheet takes */
  learn(value: Cell): void {
    this.#learn(this.#root, value, '', 0);
  }

  /** Takes the columns from a JSON Schema, so that they do not depend on what the records happen to hold. */
  learnSchema(schema: JsonObject): void {
    this.#learnSchema(this.#root, [schema], { root: schema, above: new Set(), path: '', depth: 0 });
  }

  /** Numbers the columns from `first` on and returns them; their names are not in `taken`, and none is there twice. */
  settle(first: number, taken: ReadonlySet<string>, prefix = ''): Column[] {
    const columns: Column[] = [];
    const used = new Set(taken);
    const add = (path: string, type: ColumnType): number => {
      const name = freeName(path, used);
      used.add(name);
      columns.push({ name, type });
      return first + columns.length - 1;
    };
    const visit = (node: Node, path: string): void => {
      if (node.type !== undefined || (node.names.length === 0 && !node.isOpen)) {
        node.column = add(path, node.type ?? 'text');
      }
      for (const name of node.names) {
        const child = node.children.get(name);
        if (child !== undefined) visit(child, joined(path, name));
      }
      if (node.isOpen) node.openColumn = add(joined(path, '*'), 'json');
    };
    // The root is a column only where a record is no object at all.
    const root = this.#root;
    if (root.type !== undefined || root.names.length > 0 || root.isOpen) visit(root, prefix);
    return columns;
  }

  /** Puts the value's parts into the cells of their columns; `member` is what stands for the list that is expanded. */
  fill(value: Cell, cells: Cell[], member?: Cell): void {
    this.#fill(this.#root, value, cells, member, 0);
  }

  #learn(node: Node, value: Cell, path: string, depth: number): void {
    if (this.#expanded === path && path !== '' && Array.isArray(value)) {
      this.#expandedNode = node;
      for (const member of value as readonly JsonValue[]) this.#learn(node, member, `${path}[]`, depth);
      return;
    }
    if (value === undefined || value === null) return;
    if (!isBranch(value, depth)) {
      node.type = commonType(node.type, typeOfValue(value));
      return;
    }
    let previous: string | undefined;
    for (const name of Object.keys(value)) {
      this.#learn(this.#childOf(node, name, previous), value[name], joined(path, name), depth + 1);
      previous = name;
    }
  }

  #learnSchema(
    node: Node,
    schemas: readonly JsonObject[],
    place: { root: JsonObject; above: ReadonlySet<string>; path: string; depth: number },
  ): void {
    const { root, above, path, depth } = place;
    const shape = shapeOf(schemas, root, above);
    const below = new Set([...above, ...referencesOf(schemas)]);
    if (shape.items.length > 0) this.lists.push(path);
    if (shape.items.length > 0 && path === this.#expanded) {
      this.#expandedNode = node;
      this.#learnSchema(node, shape.items, { root, above: below, path: `${path}[]`, depth });
      return;
    }
    if (shape.type !== undefined) node.type = commonType(node.type, shape.type);
    if (depth >= MAX_DEPTH) {
      node.type = 'json';
      return;
    }
    node.isOpen ||= shape.isOpen;
    let previous: string | undefined;
    for (const [name, members] of shape.members) {
      const child = this.#childOf(node, name, previous);
      this.#learnSchema(child, members, { root, above: below, path: joined(path, name), depth: depth + 1 });
      previous = name;
    }
  }

  #childOf(node: Node, name: string, previous: string | undefined): Node {
    const known = node.children.get(name);
    if (known !== undefined) return known;
    this.#nodes += 1;
    if (this.#nodes > MAX_COLUMNS) {
      throw new GleanerError(
        'output-unwritable',
        `Cannot write a table: the records have more than ${MAX_COLUMNS} different fields; write JSON lines instead`,
        { facts: { advice: 'json-lines' } },
      );
    }
    const child = createNode();
    node.children.set(name, child);
    node.names.splice(previous === undefined ? 0 : node.names.indexOf(previous) + 1, 0, name);
    return child;
  }

  #fill(node: Node, whole: Cell, cells: Cell[], member: Cell, depth: number): void {
    const value = node === this.#expandedNode ? member : whole;
    if (value === undefined || value === null) return;
    if (!isBranch(value, depth) || (node.names.length === 0 && !node.isOpen)) {
      if (node.column >= 0) cells[node.column] = value;
      else if (!isEmptyObject(value)) this.unplaced += 1;
      return;
    }
    let others: Record<string, Cell> | undefined;
    for (const name in value) {
      const child = node.children.get(name);
      if (child !== undefined) this.#fill(child, value[name], cells, member, depth + 1);
      else if (node.isOpen) (others ??= Object.create(null) as Record<string, Cell>)[name] = value[name];
      else this.unplaced += 1;
    }
    if (others !== undefined) cells[node.openColumn] = others;
  }
}

function createNode(): Node {
  return { names: [], children: new Map(), type: undefined, column: -1, isOpen: false, openColumn: -1 };
}

function isBranch(value: JsonValue, depth: number): value is JsonObject {
  return isJsonObject(value) && depth < MAX_DEPTH && !isEmptyObject(value);
}

function isEmptyObject(value: JsonValue): boolean {
  if (!isJsonObject(value)) return false;
  for (const _name in value) return false;
  return true;
}

function typeOfValue(value: JsonValue): ColumnType {
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    default:
      return 'json';
  }
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function freeName(path: string, used: ReadonlySet<string>): string {
  const plain = path === '' ? 'data' : path;
  if (!used.has(plain)) return plain;
  const prefixed = `data.${plain}`;
  if (!used.has(prefixed)) return prefixed;
  for (let ordinal = 2; ; ordinal += 1) if (!used.has(`${plain} (${ordinal})`)) return `${plain} (${ordinal})`;
}
