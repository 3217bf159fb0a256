const MAX_TEXT_BYTES = 16_384;

/** The bytes of an unreadable row as text for the rejects file: whole characters, at most 16 KiB. */
export function rowText(bytes: Buffer, start: number, end: number): string {
  let cut = end;
  if (end - start > MAX_TEXT_BYTES) {
    cut = start + MAX_TEXT_BYTES;
    // Step back to the first byte of a character: continuation bytes are 10xxxxxx.
    for (let steps = 0; steps < 3 && ((bytes[cut] ?? 0) & 0xc0) === 0x80; steps += 1) cut -= 1;
  }
  return bytes.toString('utf8', start, cut);
}
