import type { JsonObject, JsonValue } from '../../json/value.ts';
import { pointerToken } from '../../json/pointer.ts';
import type { AnswerIssue } from '../judge-answer.ts';
import { issue, missingIssues, rangeIssue, typeIssue } from './stream-issue.ts';
import { compileSchema, TYPE_BIT, type Alternatives, type Shape } from './stream-shape.ts';

/** What makes reading on pointless. */
export type StreamFinding =
  | { kind: 'violation'; issues: readonly AnswerIssue[] }
  /** White space that goes on for `length` characters outside strings. */
  | { kind: 'blank'; length: number }
  /** A number literal that has `length` characters and goes on. */
  | { kind: 'number'; length: number };

/**
 * Where in the text the next character stands. `off`: the text is not plain JSON, or is too deep or too ambiguous to
 * follow, and is no longer held against the schema.
 */
type State =
  | 'start'
  | 'value'
  | 'first-item'
  | 'first-key'
  | 'key'
  | 'colon'
  | 'string'
  | 'escape'
  | 'unicode'
  | 'number'
  | 'literal'
  | 'after'
  | 'end'
  | 'off';

/** An open object or array. Frames are used again, level by level. */
interface Frame {
  isArray: boolean;
  candidates: Candidates;
  /** The key whose value is being read, of objects. */
  key: string;
  /** The place of the item that is being read, of arrays. */
  index: number;
  /** The required keys that were seen; undefined where nothing is required. */
  seen: Set<string> | undefined;
}

/**
 * The shapes a value may still have. Each belongs to one of the shapes of the value around it, and that one is out when
 * none of its own is left; `owners` holds its place there, and is undefined where there is only one.
 */
interface Candidates {
  shapes: Alternatives;
  owners: readonly number[] | undefined;
}

const MAX_BLANK = 1_000;
/** Outside plain JSON, where white space may stand in a string, unnoticed. */
const MAX_BLANK_ANYWHERE = 3_000;
/** The largest double written out has 309 digits. */
const MAX_NUMBER_LENGTH = 400;
const MAX_DEPTH = 500;
/** Unions inside unions multiply, and a recursive one without end. */
const MAX_CANDIDATES = 64;
const NUMBER_PATTERN = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Reads JSON text as it arrives, cut anywhere, and holds every value against the schema as soon as it is known. Never
 * finds a violation in a text that is an answer in the end: a name that stands twice with other values, of which this takes
 * offence at either, makes it none.
 */
export class StreamCheck {
  #state: State = 'start';
  readonly #frames: Frame[] = [];
  #depth = 0;
  #candidates: Candidates;
  #blank = 0;

  /** The scalar being read, or read and not yet followed by what ends it. */
  #scalar: 'string' | 'number' | 'literal' | undefined;
  #isKey = false;
  /** The scalar's text, without quotation marks, where it matters. */
  #raw = '';
  #hasEscape = false;
  #isTextWanted = false;
  #arePointsWanted = false;
  /** UTF-16 units, as zod 3 measures length. */
  #units = 0;
  /** Code points, as newer versions of zod 4 measure it, or fewer; counted where a maximum is set. */
  #points = 0;
  #maxLength = Infinity;
  #hex = '';

  /** `schema`: JSON Schema of what the model should write. */
  constructor(schema: JsonObject) {
    this.#candidates = { shapes: compileSchema(schema), owners: undefined };
  }

  /** What the new text shows. After a finding the text is no longer followed, but white space still is counted. */
  push(text: string): StreamFinding | undefined {
    let at = 0;
    while (at < text.length) {
      let finding: StreamFinding | undefined;
      switch (this.#state) {
        case 'string':
          at = this.#readString(text, at);
          finding = this.#checkLength();
          break;
        case 'escape':
          this.#readEscape(text.charCodeAt(at));
          at += 1;
          break;
        case 'unicode':
          this.#readUnicode(text.charCodeAt(at));
          at += 1;
          break;
        case 'number':
        case 'literal': {
          const end = skipWord(text, at);
          this.#raw += text.slice(at, end);
          at = end;
          if (this.#raw.length > MAX_NUMBER_LENGTH) finding = this.#endLongWord();
          else if (end < text.length) this.#state = 'after';
          break;
        }
        case 'off':
          return this.#countBlank(text.slice(at));
        default: {
          const start = at;
          at = skipSpace(text, at);
          this.#blank += at - start;
          if (this.#blank > MAX_BLANK) return this.#flood();
          if (at < text.length) {
            this.#blank = 0;
            finding = this.#readMark(text.charCodeAt(at));
            at += 1;
          }
        }
      }
      if (finding !== undefined) return finding;
    }
    return undefined;
  }

  #flood(): StreamFinding {
    const length = this.#blank;
    this.#blank = 0;
    this.#turnOff();
    return { kind: 'blank', length };
  }

  #countBlank(text: string): StreamFinding | undefined {
    let start = text.length;
    while (start > 0 && text.charCodeAt(start - 1) <= 0x20) start -= 1;
    this.#blank = start === 0 ? this.#blank + text.length : text.length - start;
    return this.#blank > MAX_BLANK_ANYWHERE ? this.#flood() : undefined;
  }

  /** A word with other letters is text without its quotation marks, which may yet be mended. */
  #endLongWord(): StreamFinding | undefined {
    this.#turnOff();
    return /^[\d.eE+-]*$/.test(this.#raw) ? { kind: 'number', length: this.#raw.length } : undefined;
  }

  #turnOff(): undefined {
    this.#state = 'off';
    return undefined;
  }

  #violate(issues: readonly AnswerIssue[]): StreamFinding {
    this.#turnOff();
    return { kind: 'violation', issues };
  }

  /** A character outside of strings and words: brackets, separators, and what begins a value. */
  #readMark(code: number): StreamFinding | undefined {
    switch (this.#state) {
      case 'start':
        // Prose, a fence, or an array around the object, which is unwrapped later.
        return code === 0x7b ? this.#beginValue(code) : this.#turnOff();
      case 'value':
        return this.#beginValue(code);
      case 'first-item':
        return code === 0x5d ? this.#endContainer() : this.#beginValue(code);
      case 'first-key':
        return code === 0x7d ? this.#endContainer() : this.#beginKey(code);
      case 'key':
        return this.#beginKey(code);
      case 'colon':
        if (code !== 0x3a) return this.#turnOff();
        this.#state = 'value';
        return this.#enterProperty();
      case 'after':
        return this.#readSeparator(code);
      default:
        // After the end: prose.
        return this.#turnOff();
    }
  }

  #beginKey(code: number): undefined {
    if (code === 0x22) this.#beginString(true);
    else this.#turnOff();
  }

  #readSeparator(code: number): StreamFinding | undefined {
    const frame = this.#frame;
    const closer = frame.isArray ? 0x5d : 0x7d;
    if (code !== 0x2c && code !== closer) return this.#turnOff();
    // Only now is it sure that the quotation mark ended the string, and was not one that ought to be escaped.
    const finding = this.#endScalar();
    if (finding !== undefined || this.#state === 'off') return finding;
    if (code === closer) return this.#endContainer();
    if (!frame.isArray) {
      this.#state = 'key';
      return undefined;
    }
    frame.index += 1;
    this.#state = 'value';
    return undefined;
  }

  get #frame(): Frame {
    const frame = this.#frames[this.#depth - 1];
    if (frame === undefined) throw new RangeError('Cannot read the container: none is open');
    return frame;
  }

  #enterProperty(): StreamFinding | undefined {
    const frame = this.#frame;
    const key = this.#decode();
    if (key === undefined) return this.#turnOff();
    frame.key = key;
    frame.seen?.add(key);
    this.#candidates = descend(frame.candidates, (shape) => shape.property(key));
    if (this.#candidates.shapes.length > 0) return undefined;
    return this.#violate([issue(this.#path(), 'this key is not one of those that are allowed')]);
  }

  #beginValue(code: number): StreamFinding | undefined {
    if (this.#depth > 0 && this.#frame.isArray) {
      const frame = this.#frame;
      this.#candidates = descend(frame.candidates, (shape) => shape.item(frame.index));
      if (this.#candidates.shapes.length === 0) {
        return this.#violate([issue(this.#path(1), `expected at most ${frame.index} items`)]);
      }
    }
    const type = typeByFirst[code];
    if (type === undefined || this.#candidates.shapes.length > MAX_CANDIDATES) return this.#turnOff();
    const before = this.#candidates.shapes;
    const bit = TYPE_BIT[type];
    this.#keep((shape) => (shape.types & bit) !== 0);
    if (this.#candidates.shapes.length === 0) return this.#violate([typeIssue(this.#path(), before, type)]);

    switch (type) {
      case 'object':
      case 'array':
        this.#open(type === 'array');
        return undefined;
      case 'string':
        this.#beginString(false);
        return undefined;
      default:
        this.#scalar = type === 'number' ? 'number' : 'literal';
        this.#state = this.#scalar;
        this.#raw = String.fromCharCode(code);
        return undefined;
    }
  }

  #open(isArray: boolean): void {
    if (this.#depth >= MAX_DEPTH) return this.#turnOff();
    const candidates = this.#candidates;
    const seen = !isArray && candidates.shapes.some(hasRequired) ? new Set<string>() : undefined;
    const frame = this.#frames[this.#depth];
    if (frame === undefined) this.#frames.push({ isArray, candidates, key: '', index: 0, seen });
    else {
      frame.isArray = isArray;
      frame.candidates = candidates;
      frame.index = 0;
      frame.seen = seen;
    }
    this.#depth += 1;
    this.#state = isArray ? 'first-item' : 'first-key';
  }

  #endContainer(): StreamFinding | undefined {
    const frame = this.#frame;
    const { isArray, seen } = frame;
    // After the last item its index is one less than the length; right after the bracket there is none.
    const length = this.#state === 'first-item' ? 0 : frame.index + 1;
    this.#depth -= 1;
    this.#candidates = frame.candidates;
    const before = frame.candidates.shapes;
    if (isArray) this.#keep((shape) => length >= shape.minItems);
    else if (seen !== undefined) this.#keep((shape) => hasAll(seen, shape.required));
    if (this.#candidates.shapes.length === 0) {
      return this.#violate(missingIssues(this.#path(), before, isArray ? length : seen));
    }
    this.#endValue();
    return undefined;
  }

  #endScalar(): StreamFinding | undefined {
    const scalar = this.#scalar;
    if (scalar === undefined) return undefined;
    this.#scalar = undefined;
    const before = this.#candidates.shapes;
    switch (scalar) {
      case 'string': {
        const value = this.#isTextWanted ? this.#decode() : '';
        if (value === undefined) return this.#turnOff();
        const units = this.#units;
        const points = this.#points;
        this.#keep(
          (shape) =>
            units >= shape.minLength &&
            points <= shape.maxLength &&
            (shape.values === undefined || shape.values.has(value)),
        );
        break;
      }
      case 'number': {
        if (!NUMBER_PATTERN.test(this.#raw)) return this.#turnOff();
        const value = Number(this.#raw);
        this.#keep((shape) => takesNumber(shape, value));
        break;
      }
      case 'literal': {
        const value = LITERALS.get(this.#raw);
        if (value === undefined) return this.#turnOff();
        this.#keep((shape) => shape.values === undefined || shape.values.has(value));
        break;
      }
      default:
        return scalar satisfies never;
    }
    if (this.#candidates.shapes.length === 0) return this.#violate([rangeIssue(this.#path(), before)]);
    this.#endValue();
    return undefined;
  }

  /** Drops those shapes of the value around that have no candidate left. */
  #endValue(): void {
    const { owners } = this.#candidates;
    this.#scalar = undefined;
    this.#state = this.#depth === 0 ? 'end' : 'after';
    if (owners === undefined || this.#depth === 0) return;
    const kept = new Set(owners);
    const frame = this.#frame;
    if (kept.size < frame.candidates.shapes.length) {
      frame.candidates = filter(frame.candidates, (_, position) => kept.has(position));
    }
  }

  #keep(test: (shape: Shape) => boolean): void {
    const { shapes } = this.#candidates;
    const [only] = shapes;
    if (shapes.length === 1 && only !== undefined && test(only)) return;
    if (!shapes.every(test)) this.#candidates = filter(this.#candidates, test);
  }

  #beginString(isKey: boolean): void {
    this.#isKey = isKey;
    this.#state = 'string';
    this.#raw = '';
    this.#hasEscape = false;
    this.#units = 0;
    this.#points = 0;
    this.#isTextWanted = isKey;
    this.#arePointsWanted = false;
    this.#maxLength = Infinity;
    if (isKey) return;
    this.#scalar = 'string';
    let maxLength = 0;
    for (const shape of this.#candidates.shapes) {
      if (shape.values !== undefined) this.#isTextWanted = true;
      if (shape.maxLength < Infinity) this.#arePointsWanted = true;
      if (shape.maxLength > maxLength) maxLength = shape.maxLength;
    }
    this.#maxLength = maxLength;
  }

  #readString(text: string, start: number): number {
    let at = start;
    let code = 0;
    for (; at < text.length; at += 1) {
      code = text.charCodeAt(at);
      if (code === 0x22 || code === 0x5c || code < 0x20) break;
    }
    this.#units += at - start;
    if (this.#arePointsWanted) this.#points += countPoints(text, start, at);
    if (this.#isTextWanted && at > start) this.#raw += text.slice(start, at);
    if (at === text.length) return at;
    if (code === 0x22) this.#state = this.#isKey ? 'colon' : 'after';
    else if (code === 0x5c) this.#state = 'escape';
    else this.#turnOff();
    return at + 1;
  }

  #readEscape(code: number): void {
    this.#hasEscape = true;
    this.#units += 1;
    if (this.#isTextWanted) this.#raw += `\\${String.fromCharCode(code)}`;
    if (code === 0x75) {
      this.#state = 'unicode';
      this.#hex = '';
    } else if (ESCAPABLE.has(code)) {
      this.#points += 1;
      this.#state = 'string';
    } else this.#turnOff();
  }

  #readUnicode(code: number): void {
    const lower = code | 0x20;
    if (!((code >= 0x30 && code <= 0x39) || (lower >= 0x61 && lower <= 0x66))) return this.#turnOff();
    this.#hex += String.fromCharCode(code);
    if (this.#hex.length < 4) return;
    if (this.#isTextWanted) this.#raw += this.#hex;
    if (!isLowSurrogate(Number.parseInt(this.#hex, 16))) this.#points += 1;
    this.#state = 'string';
  }

  #checkLength(): StreamFinding | undefined {
    if (this.#points <= this.#maxLength || this.#state === 'off') return undefined;
    return this.#violate([rangeIssue(this.#path(), this.#candidates.shapes)]);
  }

  /** The string's value; undefined where it is no JSON string. */
  #decode(): string | undefined {
    if (!this.#hasEscape) return this.#raw;
    try {
      return JSON.parse(`"${this.#raw}"`) as string;
    } catch {
      return undefined;
    }
  }

  /** JSON pointer of the value being read, or of the container `above` levels higher. */
  #path(above = 0): string {
    return this.#frames
      .slice(0, this.#depth - above)
      .map(({ isArray, index, key }) => `/${isArray ? index : pointerToken(key)}`)
      .join('');
  }
}

const LITERALS: ReadonlyMap<string, JsonValue> = new Map<string, JsonValue>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

const ESCAPABLE: ReadonlySet<number> = new Set([...'"\\/bfnrt'].map((char) => char.charCodeAt(0)));

/** The type of the value that begins with a character, by its code. */
const typeByFirst: readonly (keyof typeof TYPE_BIT | undefined)[] = Array.from({ length: 128 }, (_, code) => {
  switch (String.fromCharCode(code)) {
    case '{':
      return 'object';
    case '[':
      return 'array';
    case '"':
      return 'string';
    case 't':
    case 'f':
      return 'boolean';
    case 'n':
      return 'null';
    case '-':
      return 'number';
    default:
      return code >= 0x30 && code <= 0x39 ? 'number' : undefined;
  }
});

function descend({ shapes }: Candidates, below: (shape: Shape) => Alternatives): Candidates {
  const [only] = shapes;
  if (shapes.length === 1 && only !== undefined) return { shapes: below(only), owners: undefined };
  const found: Shape[] = [];
  const owners: number[] = [];
  for (const [owner, shape] of shapes.entries()) {
    for (const child of below(shape)) {
      found.push(child);
      owners.push(owner);
    }
  }
  return { shapes: found, owners };
}

function filter({ shapes, owners }: Candidates, test: (shape: Shape, position: number) => boolean): Candidates {
  const kept = shapes.map(test);
  return {
    shapes: shapes.filter((_, position) => kept[position]),
    owners: owners?.filter((_, position) => kept[position]),
  };
}

function takesNumber(shape: Shape, value: number): boolean {
  return (
    (!shape.isInteger || Number.isInteger(value)) &&
    value >= shape.minimum &&
    value <= shape.maximum &&
    value > shape.exclusiveMinimum &&
    value < shape.exclusiveMaximum &&
    (shape.values === undefined || shape.values.has(value))
  );
}

function hasRequired(shape: Shape): boolean {
  return shape.required.length > 0;
}

function hasAll(seen: ReadonlySet<string>, required: readonly string[]): boolean {
  return required.every((key) => seen.has(key));
}

/** A surrogate pair counts once; so that there is nothing to remember between pieces, half a pair counts as none. */
function countPoints(text: string, start: number, end: number): number {
  let points = 0;
  for (let at = start; at < end; at += 1) {
    if (!isLowSurrogate(text.charCodeAt(at))) points += 1;
  }
  return points;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break;
  }
  return at;
}

/** The end of a number or literal: letters, digits and what else numbers are made of. */
function skipWord(text: string, start: number): number {
  let at = start;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const lower = code | 0x20;
    const isWord = (code >= 0x30 && code <= 0x39) || (lower >= 0x61 && lower <= 0x7a);
    if (!isWord && code !== 0x2e && code !== 0x2d && code !== 0x2b) break;
  }
  return at;
}
