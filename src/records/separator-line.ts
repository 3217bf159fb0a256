/** Of `"sep=;"` with its line end. */
const MAX_LENGTH = 9;

/**
 * Reads the line `sep=;` that Excel writes before a header to say how cells are separated, and would not show. Its `length` is 0
 * where there is none; undefined while more bytes are needed to know.
 */
export function readSeparatorLine(
  bytes: Buffer,
  start: number,
  hasEnded: boolean,
): { length: number; delimiter: number | undefined } | undefined {
  const head = bytes.toString('latin1', start, start + MAX_LENGTH);
  const [line, plain, quoted] = /^(?:sep=([^"\r\n])|"sep=([^"\r\n])")(?:\r\n|\n|\r(?=[^]))/i.exec(head) ?? [];
  if (line !== undefined) return { length: line.length, delimiter: (plain ?? quoted)?.charCodeAt(0) };
  const mayBecome = head.length < MAX_LENGTH && /^"?(?:s|$)(?:e|$)(?:p|$)(?:=|$)[^"\r\n]?"?\r?$/i.test(head);
  return mayBecome && !hasEnded ? undefined : { length: 0, delimiter: undefined };
}
