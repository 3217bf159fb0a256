import { isJsonObject, type JsonObject } from '../json/value.ts';
import { listTexts, type SaidText } from '../native/digest-texts.ts';

const REQUEST = '"request":';
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** So much of a piece is looked for where a text with escapes may end. */
const HEAD_LENGTH = 24;

/**
 * All of an echoed request but the texts that are the record's own. Lines of one job mostly have it in common, byte for byte: where a line
 * has it and the texts of the record between, nobody needs to parse the request, most of which is the schema.
 */
export class EchoFrame {
  /** What stands before the first text, between two, and behind the last, with the quotes around the texts. */
  readonly #pieces: readonly string[];
  readonly #kinds: readonly SaidText['kind'][];

  private constructor(pieces: readonly string[], texts: readonly SaidText[]) {
    this.#pieces = pieces;
    this.#kinds = texts.map(({ kind }) => kind);
  }

  /** Learns the frame of a line that echoes these texts; undefined where they cannot be told from the rest. */
  static learn(line: string, texts: readonly SaidText[]): EchoFrame | undefined {
    const start = startOfRequest(line);
    const scanned = start === undefined ? undefined : scanValue(line, start);
    if (start === undefined || scanned === undefined) return undefined;
    const pieces: string[] = [];
    const strings = scanned.strings[Symbol.iterator]();
    let from = start;
    for (const { value } of texts) {
      let found: [number, number] | undefined;
      for (const [open, close] of strings) {
        if (parse(line.slice(open, close + 1)) !== value) continue;
        found = [open, close];
        break;
      }
      if (found === undefined) return undefined;
      pieces.push(line.slice(from, found[0] + 1));
      [, from] = found;
    }
    pieces.push(line.slice(from, scanned.end));
    const frame = new EchoFrame(pieces.map(flat), texts);
    return frame.#holds() ? frame : undefined;
  }

  /** The line without its request, where that is this frame around these texts; undefined where it is not, or may not be. */
  strip(line: string, texts: readonly SaidText[]): JsonObject | undefined {
    const start = startOfRequest(line);
    if (start === undefined || texts.length !== this.#pieces.length - 1) return undefined;
    let at = start;
    for (const [position, piece] of this.#pieces.entries()) {
      const end = at + piece.length;
      if (line.slice(at, end) !== piece) return undefined;
      const text = texts[position];
      if (text === undefined) {
        const value = parse(`${line.slice(0, start)}null${line.slice(end)}`);
        // Anything else was found inside of another member.
        return isJsonObject(value) && value['request'] === null ? value : undefined;
      }
      const close = text.kind === this.#kinds[position] ? this.#closeOf(line, end, text.value, position) : undefined;
      if (close === undefined) return undefined;
      at = close;
    }
    return undefined;
  }

  /** Where the quote behind a text stands that begins at `open`. */
  #closeOf(line: string, open: number, text: string, position: number): number | undefined {
    const plain = open + text.length;
    if (line.charCodeAt(plain) === QUOTE && line.slice(open, plain) === text && !/["\\]/.test(text)) return plain;
    const head = this.#pieces[position + 1]?.slice(0, HEAD_LENGTH) ?? '"';
    const close = line.indexOf(head, open);
    return close >= open && parse(line.slice(open - 1, close + 1)) === text ? close : undefined;
  }

  /** Whether other texts in the places of these would be read as the texts of the request, and nothing else as one. */
  #holds(): boolean {
    const kinds = this.#kinds;
    const request = parse(this.#pieces.map((piece, at) => `${piece}${at < kinds.length ? markOf(at) : ''}`).join(''));
    const found = listTexts(request);
    return (
      found.length === kinds.length && found.every(({ kind, value }, at) => kind === kinds[at] && value === markOf(at))
    );
  }
}

const markOf = (position: number): string => `mark ${position}`;

function startOfRequest(line: string): number | undefined {
  const at = line.indexOf(REQUEST);
  // Behind a backslash it is the end of a text.
  return at < 1 || line.charCodeAt(at - 1) === BACKSLASH ? undefined : at + REQUEST.length;
}

/** Finds the end of the object that begins at `start`, and where the quotes of its strings stand. */
function scanValue(line: string, start: number): { end: number; strings: [number, number][] } | undefined {
  const strings: [number, number][] = [];
  let depth = 0;
  for (let at = start; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === '"') {
      const close = closeOfString(line, at);
      if (close === undefined) return undefined;
      strings.push([at, close]);
      at = close;
    } else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth === 0 && character !== ' ')
      return depth === 0 && character === '}' ? { end: at + 1, strings } : undefined;
  }
  return undefined;
}

function closeOfString(line: string, open: number): number | undefined {
  for (let at = open + 1; at < line.length; at += 1) {
    const code = line.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at;
  }
  return undefined;
}

/** A copy of its own, which does not keep the whole line alive. */
function flat(text: string): string {
  return Buffer.from(text).toString();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
