/** How many bytes a UTF-8 byte order mark takes at a place: 3, or 0 where there is none. */
export function markLength(bytes: Buffer, at: number): number {
  return bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf ? 3 : 0;
}
