/** A 53-bit hash of a text (cyrb53), equal on every machine; not for secrets. */
export function hashText(text: string, seed = 0): number {
  let low = 0xdeadbeef ^ seed;
  let high = 0x41c6ce57 ^ seed;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, 2654435761);
    high = Math.imul(high ^ code, 1597334677);
  }
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  return 4294967296 * (2097151 & high) + (low >>> 0);
}

/**
 * A number in [0, 1) that depends on the given integers only. Every draw of the emulator is such a pure function, so
 * that the order in which concurrent requests arrive changes nothing.
 */
export function fraction(...parts: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const part of parts) {
    state = mix(state ^ (part >>> 0));
    state = mix(state ^ (Math.floor(part / 4294967296) >>> 0));
  }
  return mix(state) / 4294967296;
}

function mix(value: number): number {
  let mixed = (value + 0x6d2b79f5) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return (mixed ^ (mixed >>> 14)) >>> 0;
}
