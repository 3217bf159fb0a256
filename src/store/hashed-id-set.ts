import { hash } from 'node:crypto';

/** Words of a 128-bit key: at a billion members two distinct strings share one with a chance below 10^-20. */
const KEY_WORDS = 4;
/** A key, and what `ordinalOf` says of its member. */
const SLOT_WORDS = KEY_WORDS + 1;
/** Members are spread over so many tables, each of which grows by itself: only one is there twice at a time. */
const TABLES = 64;
const FIRST_SLOTS = 16;
const MAX_LOAD = 0.85;
/** Of a million members, tables that double would be up to 48 MiB, most of them free. */
const GROWTH = 1.25;
/** Smaller ones double, and are left to the collector: they take little. */
const SMALL_SLOTS = 1024;

type Table = Uint32Array<ArrayBuffer>;

/** The tables of a `HashedIdSet`, as a checkpoint holds them. */
export type SavedIdSet = readonly Table[];

/**
 * A set of strings that keeps 20 bytes for each, a hash and an ordinal, in open-addressed tables: no strings to hold and no
 * objects for the collector to walk, however many record ids there are.
 */
export class HashedIdSet {
  #tables: Table[] = Array.from({ length: TABLES }, () => new Uint32Array(FIRST_SLOTS * SLOT_WORDS));
  /** Members of each table. */
  readonly #sizes = new Uint32Array(TABLES);
  /** Tables that somebody else may be reading. */
  readonly #saved = new WeakSet<Table>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(member: string): boolean {
    return this.ordinalOf(member) !== undefined;
  }

  /** The number that a member was added with; undefined for what is no member. */
  ordinalOf(member: string): number | undefined {
    const key = keyOf(member);
    const table = this.#tableAt(numberOf(key));
    const at = find(table, key);
    return table[at] === 0 ? undefined : table[at + KEY_WORDS];
  }

  /** Adds a member with a number below 2^32, by default how many came before it; false when it was there already. */
  add(member: string, ordinal = this.#size): boolean {
    const key = keyOf(member);
    const number = numberOf(key);
    let table = this.#tableAt(number);
    let at = find(table, key);
    if (table[at] !== 0) return false;
    const size = (this.#sizes[number] ?? 0) + 1;
    if (size * SLOT_WORDS > table.length * MAX_LOAD) {
      table = this.#grow(number);
      at = find(table, key);
    }
    table.set(key, at);
    table[at + KEY_WORDS] = ordinal;
    this.#sizes[number] = size;
    this.#size += 1;
    return true;
  }

  /** The tables as they are now, for a checkpoint: they are filled further, and replaced by larger ones. */
  save(): SavedIdSet {
    for (const table of this.#tables) this.#saved.add(table);
    return [...this.#tables];
  }

  /** Members are counted: some may have been added while the tables were written. */
  load(tables: SavedIdSet): void {
    this.#tables = [...tables];
    this.#size = 0;
    for (const [number, table] of tables.entries()) {
      let size = 0;
      for (let at = 0; at < table.length; at += SLOT_WORDS) if (table[at] !== 0) size += 1;
      this.#sizes[number] = size;
      this.#size += size;
    }
  }

  #tableAt(number: number): Table {
    return this.#tables[number] as Table;
  }

  #grow(number: number): Table {
    const before = this.#tableAt(number);
    const slots = before.length / SLOT_WORDS;
    const isSmall = slots < SMALL_SLOTS;
    const table = new Uint32Array(Math.ceil(slots * (isSmall ? 2 : GROWTH)) * SLOT_WORDS);
    // Members differ, so the first free slot is theirs; a view for each of them would be more garbage than the table.
    for (let at = 0; at < before.length; at += SLOT_WORDS) {
      if (before[at] === 0) continue;
      let to = firstPlace(table, before[at + 1] ?? 0);
      while (table[to] !== 0) to = nextPlace(table, to);
      for (let word = 0; word < SLOT_WORDS; word += 1) table[to + word] = before[at + word] ?? 0;
    }
    this.#tables[number] = table;
    if (!isSmall && !this.#saved.has(before)) release(before);
    return table;
  }
}

/** Gives a table's memory to one that is new and forgotten: garbage that is old is collected once in some ten thousand records. */
function release({ buffer }: Table): void {
  structuredClone(buffer, { transfer: [buffer] });
}

/** Where a key stands, or would. */
function find(table: Table, key: Uint32Array): number {
  let at = firstPlace(table, key[1] ?? 0);
  while (table[at] !== 0) {
    if (table[at] === key[0] && table[at + 1] === key[1] && table[at + 2] === key[2] && table[at + 3] === key[3]) break;
    at = nextPlace(table, at);
  }
  return at;
}

function firstPlace(table: Table, word: number): number {
  return (word % (table.length / SLOT_WORDS)) * SLOT_WORDS;
}

function nextPlace(table: Table, at: number): number {
  return at + SLOT_WORDS === table.length ? 0 : at + SLOT_WORDS;
}

/** The number of a key's table. */
function numberOf(key: Uint32Array): number {
  return (key[2] ?? 0) % TABLES;
}

/** The key at hand: every record asks for some, and none is kept. */
const KEY = new Uint32Array(KEY_WORDS);

function keyOf(member: string): Uint32Array {
  // A string digest stays in the collector's young generation; a Buffer would be an allocation outside the heap each time.
  const digest = hash('sha256', member, 'binary');
  const key = KEY;
  for (let word = 0; word < KEY_WORDS; word += 1) {
    const at = word * 4;
    key[word] =
      digest.charCodeAt(at) |
      (digest.charCodeAt(at + 1) << 8) |
      (digest.charCodeAt(at + 2) << 16) |
      (digest.charCodeAt(at + 3) << 24);
  }
  // A first word of zero marks a free slot.
  if (key[0] === 0) key[0] = 1;
  return key;
}
