/** What is known of a record without reading it, as bits. */
export const ITEM_BITS = {
  rejected: 1,
  repaired: 2,
  coerced: 4,
  lowConfidence: 8,
  /** Asked for in this run, and not carried over. */
  fresh: 16,
  /** A value of it stands nowhere in its record. */
  noEvidence: 32,
  reviewed: 64,
  labelled: 128,
} as const;

export type ItemBit = keyof typeof ITEM_BITS;

const NONE = 0xffff_ffff;
const FIRST_CAPACITY = 1024;

/** One row for each result and reject, in columns of numbers: 24 bytes a row. */
export class ItemTable {
  #count = 0;
  #indexes = new Float64Array(FIRST_CAPACITY);
  #lines = new Uint32Array(FIRST_CAPACITY);
  #records = new Uint32Array(FIRST_CAPACITY);
  #bits = new Uint16Array(FIRST_CAPACITY);
  #codes = new Uint16Array(FIRST_CAPACITY);
  #missing = new Uint32Array(FIRST_CAPACITY);

  get count(): number {
    return this.#count;
  }

  add({ index, line, bits, code }: { index: number; line: number; bits: number; code: number }): number {
    if (this.#count === this.#lines.length) this.#grow();
    const at = this.#count;
    this.#indexes[at] = index;
    this.#lines[at] = line;
    this.#records[at] = NONE;
    this.#bits[at] = bits;
    this.#codes[at] = code;
    this.#count += 1;
    return at;
  }

  indexOf(at: number): number {
    return this.#indexes[at] ?? 0;
  }

  /** Place of its line among the results, or among the rejects. */
  lineOf(at: number): number {
    return this.#lines[at] ?? 0;
  }

  /** Ordinal of its record in the spool; undefined where the input has none for it. */
  recordOf(at: number): number | undefined {
    const ordinal = this.#records[at] ?? NONE;
    return ordinal === NONE ? undefined : ordinal;
  }

  setRecord(at: number, ordinal: number): void {
    this.#records[at] = ordinal;
  }

  has(at: number, bit: ItemBit): boolean {
    return ((this.#bits[at] ?? 0) & ITEM_BITS[bit]) !== 0;
  }

  mark(at: number, bit: ItemBit): void {
    this.#bits[at] = (this.#bits[at] ?? 0) | ITEM_BITS[bit];
  }

  /** Number of its reject code. */
  codeOf(at: number): number {
    return this.#codes[at] ?? 0;
  }

  /** The fields without evidence, a bit for each by its number. */
  missingOf(at: number): number {
    return this.#missing[at] ?? 0;
  }

  setMissing(at: number, fields: number): void {
    this.#missing[at] = fields;
    if (fields !== 0) this.mark(at, 'noEvidence');
  }

  countOf(bit: ItemBit): number {
    let count = 0;
    for (let at = 0; at < this.#count; at += 1) if (this.has(at, bit)) count += 1;
    return count;
  }

  #grow(): void {
    const size = this.#lines.length * 2;
    this.#indexes = into(new Float64Array(size), this.#indexes);
    this.#lines = into(new Uint32Array(size), this.#lines);
    this.#records = into(new Uint32Array(size), this.#records);
    this.#bits = into(new Uint16Array(size), this.#bits);
    this.#codes = into(new Uint16Array(size), this.#codes);
    this.#missing = into(new Uint32Array(size), this.#missing);
  }
}

function into<Numbers extends Float64Array | Uint32Array | Uint16Array>(to: Numbers, from: Numbers): Numbers {
  to.set(from);
  return to;
}
