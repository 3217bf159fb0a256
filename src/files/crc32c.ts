/** Eight bytes go through at once: the table of place `at` is the first one's, followed by so many bytes of zero. */
const TABLES = makeTables();

function makeTables(): readonly Int32Array[] {
  const first = new Int32Array(256).map((_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    return value;
  });
  const tables = [first];
  for (let before = first; tables.length < 8;) {
    before = before.map((value) => (value >>> 8) ^ (first[value & 0xff] ?? 0));
    tables.push(before);
  }
  return tables;
}

/** CRC-32C of bytes that come in pieces, as Cloud Storage gives it: base64 of its four bytes, highest first. */
export class Crc32c {
  #crc = -1;

  update(bytes: Uint8Array): this {
    const [t0 = NONE, t1 = NONE, t2 = NONE, t3 = NONE, t4 = NONE, t5 = NONE, t6 = NONE, t7 = NONE] = TABLES;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let crc = this.#crc;
    let at = 0;
    for (const end = bytes.length - 7; at < end; at += 8) {
      const low = crc ^ view.getInt32(at, true);
      const high = view.getInt32(at + 4, true);
      crc =
        (t7[low & 0xff] ?? 0) ^
        (t6[(low >>> 8) & 0xff] ?? 0) ^
        (t5[(low >>> 16) & 0xff] ?? 0) ^
        (t4[low >>> 24] ?? 0) ^
        (t3[high & 0xff] ?? 0) ^
        (t2[(high >>> 8) & 0xff] ?? 0) ^
        (t1[(high >>> 16) & 0xff] ?? 0) ^
        (t0[high >>> 24] ?? 0);
    }
    for (; at < bytes.length; at += 1) crc = (t0[(crc ^ view.getUint8(at)) & 0xff] ?? 0) ^ (crc >>> 8);
    this.#crc = crc;
    return this;
  }

  digest(): string {
    const result = Buffer.alloc(4);
    result.writeInt32BE(this.#crc ^ -1);
    return result.toString('base64');
  }
}

const NONE = new Int32Array(0);

/** CRC-32C of bytes that are all there. */
export function crc32c(bytes: Uint8Array): string {
  return new Crc32c().update(bytes).digest();
}
