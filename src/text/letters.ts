/** What a UTF-16 unit counts as where two texts are compared by letters: 0 for none, the lower-case unit for others. */
const LETTERS = new Uint16Array(65_536);
const UNKNOWN = 0xffff;
LETTERS.fill(UNKNOWN);

function letterOf(unit: number): number {
  const known = LETTERS[unit] ?? 0;
  return known === UNKNOWN ? learn(unit) : known;
}

function learn(unit: number): number {
  const text = String.fromCharCode(unit);
  // Half of a pair is a part of some letter or sign.
  const isLetter = /[\p{L}\p{N}\p{M}\p{Cs}]/u.test(text);
  const lower = text.toLowerCase();
  const letter = isLetter ? (lower.length === 1 ? lower.charCodeAt(0) : unit) : 0;
  LETTERS[unit] = letter;
  return letter;
}

/** Takes a letter, and the stretch of the text that it stands for. */
export type LetterSink = (letter: number, start: number, end: number) => void;

const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const AMPERSAND = 0x26;

/**
 * Reads a text letter by letter, digits included, in lower case. White space, signs and the ways to escape them do not
 * count: a text is the same in JSON, in HTML, in a URL, wrapped or in capitals. Linear in the text's length.
 */
export function eachLetter(text: string, sink: LetterSink): void {
  for (let at = 0; at < text.length;) {
    const unit = text.charCodeAt(at);
    const length = unit === BACKSLASH || unit === PERCENT || unit === AMPERSAND ? readEscape(text, at, sink) : 0;
    if (length > 0) {
      at += length;
      continue;
    }
    const letter = letterOf(unit);
    if (letter !== 0) sink(letter, at, at + 1);
    at += 1;
  }
}

/** Length of the escape; 0 where the unit stands for itself. */
function readEscape(text: string, at: number, sink: LetterSink): number {
  switch (text.charCodeAt(at)) {
    case BACKSLASH: {
      const next = text.charAt(at + 1);
      if (next === 'u' || next === 'x') return readHex(text, at, next === 'u' ? 4 : 2, sink);
      return next !== '' && 'nrtbf'.includes(next) ? 2 : 1;
    }
    case PERCENT:
      return readPercent(text, at, sink);
    default:
      return readEntity(text, at, sink);
  }
}

function readHex(text: string, at: number, digits: number, sink: LetterSink): number {
  const hex = text.slice(at + 2, at + 2 + digits);
  if (hex.length < digits || !/^[0-9a-f]+$/i.test(hex)) return 1;
  give(String.fromCharCode(Number.parseInt(hex, 16)), at, at + 2 + digits, sink);
  return 2 + digits;
}

/** One character of UTF-8, as `%C3%A9`. */
function readPercent(text: string, at: number, sink: LetterSink): number {
  const run = /^(?:%[0-9a-f]{2}){1,4}/i.exec(text.slice(at, at + 12))?.[0];
  if (run === undefined) return 0;
  for (let length = 3; length <= run.length; length += 3) {
    try {
      give(decodeURIComponent(run.slice(0, length)), at, at + length, sink);
      return length;
    } catch {
      // More bytes belong to the character.
    }
  }
  return 3;
}

/** Named ones stand for signs, as far as programs write them. */
function readEntity(text: string, at: number, sink: LetterSink): number {
  const entity = /^&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|[a-z]{2,6});/i.exec(text.slice(at, at + 12));
  if (entity === null) return 0;
  const [whole, decimal, hex] = entity;
  const code = decimal !== undefined ? Number(decimal) : hex !== undefined ? Number.parseInt(hex, 16) : 0;
  if (code > 0 && code <= 0x10_ff_ff) give(String.fromCodePoint(code), at, at + whole.length, sink);
  return whole.length;
}

function give(character: string, start: number, end: number, sink: LetterSink): void {
  for (let index = 0; index < character.length; index += 1) {
    const letter = letterOf(character.charCodeAt(index));
    if (letter !== 0) sink(letter, start, end);
  }
}
