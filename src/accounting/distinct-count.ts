/** 2^10 registers of a byte: the standard error is 1.04 / sqrt(1024), 3.3 %. */
const INDEX_BITS = 10;
const REGISTERS = 1 << INDEX_BITS;
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);
/** Of longer texts the ends are looked at, and the length. */
const LOOKED_AT = 64;

/** Estimates how many different texts there were (HyperLogLog), in a kilobyte whatever their number and order. */
export class DistinctCount {
  #registers = new Uint8Array(REGISTERS);

  add(text: string): void {
    const hashed = hash(text);
    const index = hashed >>> (32 - INDEX_BITS);
    const rank = Math.min(Math.clz32(hashed << INDEX_BITS), 32 - INDEX_BITS) + 1;
    if (rank > (this.#registers[index] ?? 0)) this.#registers[index] = rank;
  }

  save(): Uint8Array<ArrayBuffer> {
    return this.#registers;
  }

  load(registers: ReturnType<DistinctCount['save']>): void {
    this.#registers = registers;
  }

  estimate(): number {
    let sum = 0;
    let empty = 0;
    for (const register of this.#registers) {
      sum += 2 ** -register;
      if (register === 0) empty += 1;
    }
    const raw = (ALPHA * REGISTERS * REGISTERS) / sum;
    // Few values leave most registers empty, and those tell more.
    return Math.round(raw <= 2.5 * REGISTERS && empty > 0 ? REGISTERS * Math.log(REGISTERS / empty) : raw);
  }
}

/** FNV-1a over UTF-16 units, then mixed as MurmurHash3 ends, because FNV's upper bits alone are poor. */
function hash(text: string): number {
  let state = 0x811c9dc5 ^ text.length;
  const { length } = text;
  for (let index = 0; index < length; index += 1) {
    if (index === LOOKED_AT && length > 2 * LOOKED_AT) index = length - LOOKED_AT;
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
