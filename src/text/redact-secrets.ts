/** A piece of a secret of this length is as good as the whole; a shorter one is found in any text. */
const PIECE = 12;

/** Shorter ones are no secrets, and cutting them out would spoil every message. */
const SHORTEST_SECRET = 4;

/** Escapes within escapes, as in a quoted URL, are undone so often. */
const MOST_LAYERS = 3;

/** A character of a text as it reads, and where it stands as it is written. */
interface Read {
  text: string;
  start: number[];
  end: number[];
}

/**
 * Cuts secrets out of a text, and every piece of them that is long enough to matter: in any case, percent-encoded, escaped as in JSON
 * or HTML, broken by white space, line ends or invisible characters.
 */
export function redactSecrets(text: string, secrets: readonly string[], replacement: string): string {
  const usable = secrets.filter(({ length }) => length >= SHORTEST_SECRET);
  if (usable.length === 0 || text.length < SHORTEST_SECRET) return text;
  const ranges: Range[] = [];
  let read: Read | undefined = readPlain(text);
  for (let layer = 0; read !== undefined && layer <= MOST_LAYERS; layer += 1) {
    for (const secret of usable) ranges.push(...occurrences(read, secret));
    read = decode(read);
  }
  return cut(text, ranges, replacement);
}

/** Where something begins, and where it has ended. */
type Range = [from: number, to: number];

/** Where a secret, or enough of it, stands in a text, as positions of the text as it is written. */
function occurrences({ text, start, end }: Read, secret: string): Range[] {
  const whole = secret.toLowerCase();
  const size = Math.min(PIECE, whole.length);
  if (text.length < size) return [];
  const pieces = piecesOf(whole, size);
  const ranges: Range[] = [];
  for (let at = 0; at + size <= text.length; at += 1) {
    if (!pieces.has(text.slice(at, at + size))) continue;
    const from = start[at] ?? 0;
    const to = end[at + size - 1] ?? from;
    const last = ranges.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else ranges.push([from, to]);
  }
  return ranges;
}

function piecesOf(secret: string, size: number): Set<string> {
  const pieces = new Set<string>();
  for (let at = 0; at + size <= secret.length; at += 1) pieces.add(secret.slice(at, at + size));
  return pieces;
}

function cut(text: string, ranges: readonly Range[], replacement: string): string {
  if (ranges.length === 0) return text;
  let clean = '';
  let done = 0;
  for (const [from, to] of ranges.toSorted(([left], [right]) => left - right)) {
    if (to <= done) continue;
    // One that overlaps what is cut already adds no second mark.
    if (from > done || done === 0) clean += text.slice(done, from) + replacement;
    done = to;
  }
  return clean + text.slice(done);
}

/** White space and what cannot be seen does not count. */
function readPlain(text: string): Read {
  const read: Read = { text: '', start: [], end: [] };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (!IGNORED.test(character)) append(read, character, at, at + 1);
  }
  return read;
}

/** Undoes one layer of escapes; undefined when there is none. */
function decode({ text, start, end }: Read): Read | undefined {
  const read: Read = { text: '', start: [], end: [] };
  let isChanged = false;
  for (let at = 0; at < text.length;) {
    ESCAPE.lastIndex = at;
    const found = ESCAPE.exec(text);
    const length = found === null ? 1 : found[0].length;
    const character = found === null ? text.charAt(at) : decodeEscape(found[0]);
    isChanged ||= found !== null;
    if (!IGNORED.test(character)) append(read, character, start[at] ?? 0, end[at + length - 1] ?? 0);
    at += length;
  }
  return isChanged ? read : undefined;
}

/** In lower case, one unit for one, for some letters become two. */
function append(read: Read, character: string, start: number, end: number): void {
  const lower = character.toLowerCase();
  read.text += lower.length === character.length ? lower : character;
  for (let unit = 0; unit < character.length; unit += 1) {
    read.start.push(start);
    read.end.push(end);
  }
}

const IGNORED = /^[\p{C}\s]$/u;

const ESCAPE = /%[0-9a-f]{2}|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|\\[\\/"'bfnrt]|&#x[0-9a-f]{1,6};|&#\d{1,7};|&[a-z]{2,8};/iy;

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['apos', "'"],
  ['colon', ':'],
  ['equals', '='],
  ['gt', '>'],
  ['hyphen', '-'],
  ['lowbar', '_'],
  ['lt', '<'],
  ['period', '.'],
  ['plus', '+'],
  ['quot', '"'],
  ['sol', '/'],
]);

function decodeEscape(escape: string): string {
  const lower = escape.toLowerCase();
  if (lower.startsWith('%')) return String.fromCharCode(Number.parseInt(lower.slice(1), 16));
  if (lower.startsWith('\\u') || lower.startsWith('\\x'))
    return String.fromCharCode(Number.parseInt(lower.slice(2), 16));
  // An escaped line end breaks a token like a real one.
  if (lower.startsWith('\\')) return /[bfnrt]/.test(lower.charAt(1)) ? ' ' : lower.charAt(1);
  if (lower.startsWith('&#')) {
    const isHex = lower.startsWith('&#x');
    const code = Number.parseInt(lower.slice(isHex ? 3 : 2, -1), isHex ? 16 : 10);
    return code <= 0xff_ff ? String.fromCharCode(code) : ' ';
  }
  return ENTITIES.get(lower.slice(1, -1)) ?? lower;
}
