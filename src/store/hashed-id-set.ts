import { hash } from 'node:crypto';

/** Words of a 128-bit key: at a billion members two distinct strings share one with a chance below 10^-20. */
const WORDS = 4;
const MAX_LOAD = 0.7;
/** Of a million members, tables that double would be 40 MiB, half of them free. */
const GROWTH = 1.5;

/** A `HashedIdSet` as a checkpoint holds it. */
export interface SavedIdSet {
  table: Uint32Array<ArrayBuffer>;
  ordinals: Uint32Array<ArrayBuffer>;
}

/**
 * A set of strings that keeps 20 bytes for each, a hash and an ordinal, in open-addressed tables: no strings to hold and no
 * objects for the collector to walk, however many record ids there are.
 */
export class HashedIdSet {
  #slots = 1024;
  #table = new Uint32Array(this.#slots * WORDS);
  /** For each slot, what `ordinalOf` says of its member. */
  #ordinals = new Uint32Array(this.#slots);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(member: string): boolean {
    return this.#occupied(this.#find(this.#table, this.#slots, keyOf(member)));
  }

  /** The number that a member was added with; undefined for what is no member. */
  ordinalOf(member: string): number | undefined {
    const at = this.#find(this.#table, this.#slots, keyOf(member));
    return this.#occupied(at) ? this.#ordinals[at / WORDS] : undefined;
  }

  /** Adds a member with a number below 2^32, by default how many came before it; false when it was there already. */
  add(member: string, ordinal = this.#size): boolean {
    const key = keyOf(member);
    let at = this.#find(this.#table, this.#slots, key);
    if (this.#occupied(at)) return false;
    if (this.#size + 1 > this.#slots * MAX_LOAD) {
      this.#grow();
      at = this.#find(this.#table, this.#slots, key);
    }
    this.#table.set(key, at);
    this.#ordinals[at / WORDS] = ordinal;
    this.#size += 1;
    return true;
  }

  /** The tables, for a checkpoint. */
  save(): SavedIdSet {
    return { table: this.#table, ordinals: this.#ordinals };
  }

  /** Members are counted: some may have been added while the tables were written. */
  load({ table, ordinals }: SavedIdSet): void {
    this.#slots = ordinals.length;
    this.#table = table;
    this.#ordinals = ordinals;
    this.#size = 0;
    for (let at = 0; at < table.length; at += WORDS) if (table[at] !== 0) this.#size += 1;
  }

  #occupied(at: number): boolean {
    return this.#table[at] !== 0;
  }

  #find(table: Uint32Array, slots: number, key: Uint32Array): number {
    let at = ((key[1] ?? 0) % slots) * WORDS;
    while (table[at] !== 0) {
      if (table[at] === key[0] && table[at + 1] === key[1] && table[at + 2] === key[2] && table[at + 3] === key[3]) {
        break;
      }
      at = (at + WORDS) % table.length;
    }
    return at;
  }

  #grow(): void {
    const slots = Math.ceil(this.#slots * GROWTH);
    const table = new Uint32Array(slots * WORDS);
    const ordinals = new Uint32Array(slots);
    // Members differ, so the first free slot is theirs; a view for each of them would be more garbage than the table.
    for (let at = 0; at < this.#table.length; at += WORDS) {
      if (this.#table[at] === 0) continue;
      let to = ((this.#table[at + 1] ?? 0) % slots) * WORDS;
      while (table[to] !== 0) to = (to + WORDS) % table.length;
      for (let word = 0; word < WORDS; word += 1) table[to + word] = this.#table[at + word] ?? 0;
      ordinals[to / WORDS] = this.#ordinals[at / WORDS] ?? 0;
    }
    this.#table = table;
    this.#ordinals = ordinals;
    this.#slots = slots;
  }
}

/** The key at hand: every record asks for some, and none is kept. */
const KEY = new Uint32Array(WORDS);

function keyOf(member: string): Uint32Array {
  // A string digest stays in the collector's young generation; a Buffer would be an allocation outside the heap each time.
  const digest = hash('sha256', member, 'binary');
  const key = KEY;
  for (let word = 0; word < WORDS; word += 1) {
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
