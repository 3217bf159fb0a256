import type { JsonObject } from '../../json/value.ts';
import type { AnswerIssue } from '../judge-answer.ts';
import { BlankCount } from './blank-count.ts';
import {
  descend,
  filter,
  hasAll,
  keep,
  mayBeBareText,
  takesLiteral,
  takesNumber,
  takesText,
  type Candidates,
} from './candidates.ts';
import { OpenContainers } from './open-containers.ts';
import { issue, missingIssues, rangeIssue, typeIssue } from './stream-issue.ts';
import { compileSchema, TYPE_BIT, type Shape } from './stream-shape.ts';
import { StringReader } from './string-reader.ts';
import { skipSpace, TYPE_BY_FIRST } from './value-characters.ts';
import { WordReader } from './word-reader.ts';

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
  'start' | 'value' | 'first-item' | 'first-key' | 'key' | 'colon' | 'string' | 'word' | 'after' | 'end' | 'off';

const MAX_DEPTH = 500;
/** Unions inside unions multiply, and a recursive one without end. */
const MAX_CANDIDATES = 64;

/**
 * Reads JSON text as it arrives, cut anywhere, and holds every value against the schema as soon as it is known. Never
 * finds a violation in a text that is an answer in the end: a name that stands twice with other values, of which this takes
 * offence at either, makes it none.
 */
export class StreamCheck {
  #state: State = 'start';
  readonly #open = new OpenContainers();
  #candidates: Candidates;
  readonly #blank = new BlankCount();

  /** The scalar being read, or read and not yet followed by what ends it. */
  #scalar: 'string' | 'word' | undefined;
  readonly #word = new WordReader();
  /** The type of the word, where no number or literal may stand. */
  #refused: string | undefined;
  readonly #string = new StringReader();
  #isKey = false;

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
          at = this.#string.read(text, at);
          finding = this.#followString();
          break;
        case 'word':
          at = this.#word.read(text, at);
          if (this.#word.isTooLong) finding = this.#endLongWord();
          else if (at < text.length) this.#state = 'after';
          break;
        case 'off':
          return this.#blank.isFloodAnywhere(text, at) ? this.#flood() : undefined;
        default: {
          const start = at;
          at = skipSpace(text, at);
          if (this.#blank.isFlood(at - start)) return this.#flood();
          if (at < text.length) {
            this.#blank.end();
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
    this.#turnOff();
    return { kind: 'blank', length: this.#blank.end() };
  }

  /** A word with other letters is text without its quotation marks, which may yet be mended. */
  #endLongWord(): StreamFinding | undefined {
    this.#turnOff();
    return this.#word.isLikeNumber ? { kind: 'number', length: this.#word.length } : undefined;
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
    const frame = this.#open.innermost;
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

  #enterProperty(): StreamFinding | undefined {
    const frame = this.#open.innermost;
    const key = this.#string.decode();
    if (key === undefined) return this.#turnOff();
    frame.key = key;
    frame.seen?.add(key);
    this.#candidates = descend(frame.candidates, (shape) => shape.property(key));
    if (this.#candidates.shapes.length > 0) return undefined;
    return this.#violate([issue(this.#open.path(), 'this key is not one of those that are allowed')]);
  }

  #beginValue(code: number): StreamFinding | undefined {
    if (this.#open.depth > 0 && this.#open.innermost.isArray) {
      const frame = this.#open.innermost;
      this.#candidates = descend(frame.candidates, (shape) => shape.item(frame.index));
      if (this.#candidates.shapes.length === 0) {
        return this.#violate([issue(this.#open.path(1), `expected at most ${frame.index} items`)]);
      }
    }
    const type = TYPE_BY_FIRST[code];
    if (type === undefined || this.#candidates.shapes.length > MAX_CANDIDATES) return this.#turnOff();
    const before = this.#candidates.shapes;
    const bit = TYPE_BIT[type];
    this.#refused = undefined;
    if (before.some((shape) => (shape.types & bit) !== 0)) this.#keep((shape) => (shape.types & bit) !== 0);
    else if (before.some((shape) => mayBeBareText(shape, code))) this.#refused = type;
    else return this.#violate([typeIssue(this.#open.path(), before, type)]);

    switch (type) {
      case 'object':
      case 'array':
        return this.#openContainer(type === 'array');
      case 'string':
        this.#beginString(false);
        return undefined;
      default:
        this.#scalar = 'word';
        this.#state = 'word';
        this.#word.begin(code, type === 'number');
        return undefined;
    }
  }

  #openContainer(isArray: boolean): undefined {
    if (this.#open.depth >= MAX_DEPTH) return this.#turnOff();
    this.#open.push(isArray, this.#candidates);
    this.#state = isArray ? 'first-item' : 'first-key';
  }

  #endContainer(): StreamFinding | undefined {
    const frame = this.#open.innermost;
    const { isArray, seen } = frame;
    // After the last item its index is one less than the length; right after the bracket there is none.
    const length = this.#state === 'first-item' ? 0 : frame.index + 1;
    this.#open.pop();
    this.#candidates = frame.candidates;
    const before = frame.candidates.shapes;
    if (isArray) this.#keep((shape) => length >= shape.minItems);
    else if (seen !== undefined) this.#keep((shape) => hasAll(seen, shape.required));
    if (this.#candidates.shapes.length === 0) {
      return this.#violate(missingIssues(this.#open.path(), before, isArray ? length : seen));
    }
    this.#endValue();
    return undefined;
  }

  #endScalar(): StreamFinding | undefined {
    const scalar = this.#scalar;
    if (scalar === undefined) return undefined;
    this.#scalar = undefined;
    const before = this.#candidates.shapes;
    if (scalar === 'string') {
      const value = this.#string.decode();
      if (value === undefined) return this.#turnOff();
      const { units, points } = this.#string;
      this.#keep((shape) => takesText(shape, { value, units, points }));
    } else {
      const value = this.#word.value();
      if (value === undefined) return this.#turnOff();
      if (this.#refused !== undefined) return this.#violate([typeIssue(this.#open.path(), before, this.#refused)]);
      if (typeof value === 'number') this.#keep((shape) => takesNumber(shape, value));
      else this.#keep((shape) => takesLiteral(shape, value));
    }
    if (this.#candidates.shapes.length === 0) return this.#violate([rangeIssue(this.#open.path(), before)]);
    this.#endValue();
    return undefined;
  }

  /** Drops those shapes of the value around that have no candidate left. */
  #endValue(): void {
    const { owners } = this.#candidates;
    this.#scalar = undefined;
    this.#state = this.#open.depth === 0 ? 'end' : 'after';
    if (owners === undefined || this.#open.depth === 0) return;
    const kept = new Set(owners);
    const frame = this.#open.innermost;
    if (kept.size < frame.candidates.shapes.length) {
      frame.candidates = filter(frame.candidates, (_, position) => kept.has(position));
    }
  }

  #keep(test: (shape: Shape) => boolean): void {
    this.#candidates = keep(this.#candidates, test);
  }

  #beginString(isKey: boolean): void {
    this.#isKey = isKey;
    this.#state = 'string';
    if (!isKey) this.#scalar = 'string';
    this.#string.begin(isKey ? undefined : this.#candidates.shapes);
  }

  #followString(): StreamFinding | undefined {
    const { place, isTooLong } = this.#string;
    if (place === 'broken') return this.#turnOff();
    if (place === 'closed') this.#state = this.#isKey ? 'colon' : 'after';
    return isTooLong ? this.#violate([rangeIssue(this.#open.path(), this.#candidates.shapes)]) : undefined;
  }
}
