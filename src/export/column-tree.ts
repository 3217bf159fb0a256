import { isJsonObject, type JsonValue } from '../json/value.ts';
import { GleanerError } from '../gleaner-error.ts';

/** Objects nested deeper than this stay JSON text in one cell. */
const MAX_DEPTH = 12;
/** As many as a spreadsheet has. A schema with free keys can give every record columns of its own. */
const MAX_COLUMNS = 16_384;

interface Node {
  /** Names in column order: a name that turns up late takes its place behind the one it follows in its record. */
  names: string[];
  children: Map<string, Node>;
  /** Whether some record has a value here that takes a cell. */
  hasValue: boolean;
  column: number;
}

/** The columns for the objects of a file: nested members become dotted columns, arrays and what is too deep JSON text. */
export class ColumnTree {
  readonly #root = createNode();
  #nodes = 0;

  /** @throws {GleanerError} when there are more columns than a spreadsheet takes */
  learn(value: JsonValue | undefined): void {
    this.#learn(this.#root, value, 0);
  }

  /** Numbers the columns from `first` on and returns their names, none of which is in `taken` or there twice. */
  settle(first: number, taken: ReadonlySet<string>): string[] {
    const names: string[] = [];
    const used = new Set(taken);
    const visit = (node: Node, path: string): void => {
      if (node.hasValue || node.names.length === 0) {
        node.column = first + names.length;
        const name = freeName(path, used);
        used.add(name);
        names.push(name);
      }
      for (const name of node.names) {
        const child = node.children.get(name);
        if (child !== undefined) visit(child, path === '' ? name : `${path}.${name}`);
      }
    };
    // The root is a column only where a record is no object at all.
    if (this.#root.hasValue || this.#root.names.length > 0) visit(this.#root, '');
    return names;
  }

  /** Puts the value's texts into the cells of their columns. */
  fill(value: JsonValue | undefined, cells: (string | undefined)[], textOf: (text: string) => string): void {
    this.#fill(this.#root, value, cells, textOf, 0);
  }

  #learn(node: Node, value: JsonValue | undefined, depth: number): void {
    if (value === undefined || value === null) return;
    if (!isBranch(value, depth)) {
      node.hasValue = true;
      return;
    }
    let previous: string | undefined;
    for (const name of Object.keys(value)) {
      let child = node.children.get(name);
      if (child === undefined) {
        this.#nodes += 1;
        if (this.#nodes > MAX_COLUMNS) {
          throw new GleanerError(
            'output-unwritable',
            `Cannot write CSV: the records have more than ${MAX_COLUMNS} different fields; write JSON lines instead`,
            { facts: { advice: 'json-lines' } },
          );
        }
        child = createNode();
        node.children.set(name, child);
        node.names.splice(previous === undefined ? 0 : node.names.indexOf(previous) + 1, 0, name);
      }
      this.#learn(child, value[name], depth + 1);
      previous = name;
    }
  }

  #fill(
    node: Node,
    value: JsonValue | undefined,
    cells: (string | undefined)[],
    textOf: (text: string) => string,
    depth: number,
  ): void {
    if (value === undefined || value === null) return;
    if (isBranch(value, depth)) {
      for (const name of Object.keys(value)) {
        const child = node.children.get(name);
        if (child !== undefined) this.#fill(child, value[name], cells, textOf, depth + 1);
      }
    } else if (typeof value === 'string') {
      cells[node.column] = textOf(value);
    } else {
      cells[node.column] = JSON.stringify(value);
    }
  }
}

function createNode(): Node {
  return { names: [], children: new Map(), hasValue: false, column: -1 };
}

function isBranch(value: JsonValue, depth: number): value is { readonly [key: string]: JsonValue | undefined } {
  return isJsonObject(value) && depth < MAX_DEPTH && Object.keys(value).length > 0;
}

function freeName(path: string, used: ReadonlySet<string>): string {
  const plain = path === '' ? 'data' : path;
  if (!used.has(plain)) return plain;
  const prefixed = `data.${plain}`;
  if (!used.has(prefixed)) return prefixed;
  for (let ordinal = 2; ; ordinal += 1) if (!used.has(`${plain} (${ordinal})`)) return `${plain} (${ordinal})`;
}
