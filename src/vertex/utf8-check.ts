import { isUtf8 } from 'node:buffer';

const NOTHING = Buffer.alloc(0);

/** Tells whether bytes that arrive in pieces are UTF-8; a character may be cut by the end of a piece. */
export class Utf8Check {
  #rest: Buffer = NOTHING;
  #isBroken = false;

  push(bytes: Buffer): void {
    if (this.#isBroken) return;
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const end = all.length - unfinishedLength(all);
    this.#isBroken = !isUtf8(all.subarray(0, end));
    // A copy, as the piece's memory may be used again.
    this.#rest = end === all.length ? NOTHING : Buffer.from(all.subarray(end));
  }

  /** Whether all bytes so far were UTF-8, up to a character that is still to be finished. */
  get isUtf8(): boolean {
    return !this.#isBroken;
  }
}

/** Length of the character at the end whose last bytes have not come. */
function unfinishedLength(bytes: Buffer): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length += 1) {
    const byte = bytes[bytes.length - length] ?? 0;
    // A byte inside of a character.
    if (byte >= 0x80 && byte < 0xc0) continue;
    const whole = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return whole > length ? length : 0;
  }
  return 0;
}
