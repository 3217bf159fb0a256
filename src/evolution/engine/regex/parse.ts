import { type AST, RegExpParser } from '@eslint-community/regexpp';
import { charSet, complementOf, everyChar, rangesOf, unionOf, type CharSet } from './char-set.ts';

/** A regular expression as a tree; groups are gone, since only the set of matched strings matters. */
export type RegexNode =
  | { readonly kind: 'chars'; readonly set: CharSet }
  | { readonly kind: 'sequence'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly options: readonly RegexNode[] }
  | { readonly kind: 'repeat'; readonly body: RegexNode; readonly min: number; readonly max: number }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' }
  | { readonly kind: 'word-boundary'; readonly negated: boolean }
  | { readonly kind: 'lookahead'; readonly negated: boolean; readonly body: RegexNode }
  /** Whether the character before is one of a set, or (`atStart`) there is none. */
  | { readonly kind: 'lookbehind'; readonly negated: boolean; readonly atStart: boolean; readonly set: CharSet };

/** Thrown for what is not a regular language, or is not treated as one here. */
export class UnsupportedPattern extends Error {
  override readonly name = 'UnsupportedPattern';
}

const digits = charSet([[48, 57]]);
export const wordChars = charSet([
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
]);
const spaces = charSet([
  [9, 13],
  [32, 32],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]);
const notLineEnds = complementOf(
  charSet([
    [10, 10],
    [13, 13],
    [0x2028, 0x2029],
  ]),
);
/**
 * The tree of a pattern that is known to be valid with the `u` flag.
 * Throws UnsupportedPattern for backreferences, group modifiers and lookbehind over more than one character.
 */
export function parseRegex(source: string): RegexNode {
  const { alternatives } = new RegExpParser().parsePattern(source, 0, source.length, { unicode: true });
  return choiceOf(alternatives);
}

function choiceOf(alternatives: readonly AST.Alternative[]): RegexNode {
  const options = alternatives.map(({ elements }): RegexNode => {
    const items = elements.map((element) => nodeOf(element));
    return items.length === 1 && items[0] !== undefined ? items[0] : { kind: 'sequence', items };
  });
  return options.length === 1 && options[0] !== undefined ? options[0] : { kind: 'choice', options };
}

function nodeOf(element: AST.Element): RegexNode {
  switch (element.type) {
    case 'Character':
      return { kind: 'chars', set: [element.value, element.value] };
    case 'CharacterSet':
      return { kind: 'chars', set: setOf(element) };
    case 'CharacterClass': {
      const set = unionOf(element.elements.map((member) => memberOf(member)));
      return { kind: 'chars', set: element.negate ? complementOf(set) : set };
    }
    case 'Quantifier':
      // Laziness changes which match is found, not whether there is one.
      return { kind: 'repeat', body: nodeOf(element.element), min: element.min, max: element.max };
    case 'CapturingGroup':
      return choiceOf(element.alternatives);
    case 'Group':
      if (element.modifiers !== null) throw new UnsupportedPattern('group modifier');
      return choiceOf(element.alternatives);
    case 'Assertion':
      return assertionOf(element);
    case 'Backreference':
      throw new UnsupportedPattern('backreference');
    default:
      throw new UnsupportedPattern('operations on sets');
  }
}

function assertionOf(assertion: AST.Assertion): RegexNode {
  switch (assertion.kind) {
    case 'start':
    case 'end':
      return { kind: assertion.kind };
    case 'word':
      return { kind: 'word-boundary', negated: assertion.negate };
    case 'lookahead':
      return { kind: 'lookahead', negated: assertion.negate, body: choiceOf(assertion.alternatives) };
    default: {
      const { atStart, set } = lookedBehind(choiceOf(assertion.alternatives));
      return { kind: 'lookbehind', negated: assertion.negate, atStart, set };
    }
  }
}

function lookedBehind(node: RegexNode): { readonly atStart: boolean; readonly set: CharSet } {
  if (node.kind === 'chars') return { atStart: false, set: node.set };
  if (node.kind === 'start') return { atStart: true, set: [] };
  if (node.kind !== 'choice') throw new UnsupportedPattern('lookbehind over more than one character');
  const options = node.options.map((option) => lookedBehind(option));
  return { atStart: options.some(({ atStart }) => atStart), set: unionOf(options.map(({ set }) => set)) };
}

function memberOf(member: AST.CharacterClassElement): CharSet {
  switch (member.type) {
    case 'Character':
      return [member.value, member.value];
    case 'CharacterClassRange':
      return charSet([[member.min.value, member.max.value]]);
    case 'CharacterSet':
      return setOf(member);
    default:
      throw new UnsupportedPattern('operations on sets');
  }
}

function setOf(set: AST.CharacterSet): CharSet {
  switch (set.kind) {
    case 'any':
      return notLineEnds;
    case 'digit':
      return set.negate ? complementOf(digits) : digits;
    case 'space':
      return set.negate ? complementOf(spaces) : spaces;
    case 'word':
      return set.negate ? complementOf(wordChars) : wordChars;
    default: {
      const members = unicodeProperty(set.value === null ? set.key : `${set.key}=${set.value}`);
      return set.negate ? complementOf(members) : members;
    }
  }
}

const UNICODE_PROPERTIES = new Map<string, CharSet>();

/** The members of a Unicode property, asked of the engine that validators run on; slow once, then remembered. */
function unicodeProperty(name: string): CharSet {
  const known = UNICODE_PROPERTIES.get(name);
  if (known !== undefined) return known;
  const ranges: [number, number][] = [];
  const run = new RegExp(`\\p{${name}}+`, 'gu');
  for (const [from, to] of rangesOf(everyChar)) {
    for (let start = from; start <= to; start += 4096) {
      if (start >= 0xd800 && start <= 0xdfff) continue;
      let text = '';
      const offsets: number[] = [];
      for (let codePoint = start; codePoint < start + 4096; codePoint += 1) {
        if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue;
        offsets[text.length] = codePoint;
        text += String.fromCodePoint(codePoint);
      }
      for (const match of text.matchAll(run)) {
        const first = offsets[match.index] ?? start;
        ranges.push([first, first + Array.from(match[0]).length - 1]);
      }
    }
  }
  // Halves of surrogate pairs are alike; they are characters of their own where they stand alone.
  if (new RegExp(`^\\p{${name}}$`, 'u').test('\ud800')) ranges.push([0xd800, 0xdfff]);
  const set = charSet(ranges);
  UNICODE_PROPERTIES.set(name, set);
  return set;
}
