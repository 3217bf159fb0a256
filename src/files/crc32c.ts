/**
 * Eight bytes go through at once: for each place among them 256 sums, those of a byte that is followed by so many of zero. One array, as
 * eight would not stay in registers.
 */
const TABLE = makeTable();

function makeTable(): Int32Array {
  const table = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    table[byte] = value;
  }
  for (let at = 256; at < table.length; at += 1) {
    const before = table[at - 256] ?? 0;
    table[at] = (before >>> 8) ^ (table[before & 0xff] ?? 0);
  }
  return table;
}

/** CRC-32C of bytes that come in pieces, as Cloud Storage gives it: base64 of its four bytes, highest first. */
export class Crc32c {
  #crc = -1;

  update(bytes: Uint8Array): this {
    const table = TABLE;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let crc = this.#crc;
    let at = 0;
    for (const end = bytes.length - 7; at < end; at += 8) {
      const low = crc ^ view.getInt32(at, true);
      const high = view.getInt32(at + 4, true);
      crc =
        (table[1792 + (low & 0xff)] ?? 0) ^
        (table[1536 + ((low >>> 8) & 0xff)] ?? 0) ^
        (table[1280 + ((low >>> 16) & 0xff)] ?? 0) ^
        (table[1024 + (low >>> 24)] ?? 0) ^
        (table[768 + (high & 0xff)] ?? 0) ^
        (table[512 + ((high >>> 8) & 0xff)] ?? 0) ^
        (table[256 + ((high >>> 16) & 0xff)] ?? 0) ^
        (table[high >>> 24] ?? 0);
    }
    for (; at < bytes.length; at += 1) crc = (table[(crc ^ view.getUint8(at)) & 0xff] ?? 0) ^ (crc >>> 8);
    this.#crc = crc;
    return this;
  }

  digest(): string {
    const result = Buffer.alloc(4);
    result.writeInt32BE(this.#crc ^ -1);
    return result.toString('base64');
  }
}

/** CRC-32C of bytes that are all there. */
export function crc32c(bytes: Uint8Array): string {
  return new Crc32c().update(bytes).digest();
}
