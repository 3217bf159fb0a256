import type * as Regexpp from '@eslint-community/regexpp';
import type { AST } from '@eslint-community/regexpp';
import { requirePackage } from '../packages/require-package.ts';
import { caseVariants } from './case-variants.ts';
import { isBroadSet, isSurrogate, pairOf, surrogatesOf } from './surrogates.ts';

/** Thrown for what has no equal without flags. */
class NoEqual extends Error {}

interface Flags {
  ignoreCase: boolean;
  multiline: boolean;
  dotAll: boolean;
  /** Whether the pattern was read with `u` or `v`, which fold case by another table. */
  unicode: boolean;
}

const LINE_END = '\\n\\r\\u2028\\u2029';

/** What may read otherwise with the `u` flag: names of properties and groups, code points, halves of characters and ranges of them. */
const READ_OTHERWISE = /\\[pPk]|\\u(?:\{|d[89a-f]|[ef])|[\ud800-\uffff]/i;

/** Whether a pattern is the same as it stands, with the `u` flag that JSON Schema implies and no other. */
export function isExactAlready(source: string, flags: string): boolean {
  if (/[imsyv]/.test(flags)) return false;
  if (flags.includes('u') || !READ_OTHERWISE.test(source)) return true;
  const withFlag = exactPattern(source, 'u');
  return withFlag !== undefined && withFlag === exactPattern(source, '');
}

/**
 * Writes a regular expression so that it matches the same texts without its flags, with the `u` flag that JSON Schema
 * implies: `/^[a-z]$/i` becomes `^[a-zA-Z]$`. Undefined where that cannot be said. That a pattern without `u` counts
 * code units cannot be said either: see `countsCodeUnits()`.
 */
export function exactPattern(source: string, flags: string): string | undefined {
  try {
    const { RegExpParser } = requirePackage('@eslint-community/regexpp') as typeof Regexpp;
    const unicodeSets = flags.includes('v');
    const unicode = flags.includes('u') || unicodeSets;
    const pattern = new RegExpParser().parsePattern(source, 0, source.length, {
      unicode: !unicodeSets && unicode,
      unicodeSets,
    });
    const written = writeAlternatives(pattern.alternatives, {
      ignoreCase: flags.includes('i'),
      multiline: flags.includes('m'),
      dotAll: flags.includes('s'),
      unicode,
    });
    const exact = flags.includes('y') ? `^(?:${written})` : written;
    return new RegExp(exact, 'u').source;
  } catch {
    return undefined;
  }
}

function writeAlternatives(alternatives: readonly AST.Alternative[], flags: Flags): string {
  return alternatives
    .map(({ elements, parent }) =>
      elements
        .map((element, index) => {
          if (parent.type === 'Pattern' && index === 0 && flags.multiline && isLineStart(element))
            // At the outset it can be said without looking back.
            return `^(?:[\\s\\S]*[${LINE_END}])?`;
          const pair = flags.unicode ? undefined : pairOf(element, elements[index + 1]);
          if (pair !== undefined) return escaped(pair);
          const isSecondHalf = !flags.unicode && pairOf(elements[index - 1], element) !== undefined;
          return isSecondHalf ? '' : write(element, flags);
        })
        .join(''),
    )
    .join('|');
}

function isLineStart(element: AST.Element): boolean {
  return element.type === 'Assertion' && element.kind === 'start';
}

function write(element: AST.Element, flags: Flags): string {
  switch (element.type) {
    case 'Group':
      return `(?:${writeAlternatives(element.alternatives, modified(flags, element.modifiers))})`;
    case 'CapturingGroup':
      return `(${element.name === null ? '' : `?<${element.name}>`}${writeAlternatives(element.alternatives, flags)})`;
    case 'Quantifier': {
      const counted = element.raw.slice(element.element.raw.length);
      const body = write(element.element, flags);
      // A look around may not be repeated with the u flag; what is repeated must be one atom.
      return `${element.element.type === 'Assertion' ? `(?:${body})` : body}${counted}`;
    }
    case 'Assertion':
      return writeAssertion(element, flags);
    case 'Character':
      return writeCharacter(element.value, flags);
    case 'CharacterSet':
      return writeSet(element, flags, false);
    case 'CharacterClass': {
      const members = element.elements.map((member) => writeMember(member, flags)).join('');
      return `[${element.negate ? '^' : ''}${members}${flags.unicode ? '' : beyond16Bits(element)}]`;
    }
    case 'Backreference':
      if (flags.ignoreCase) throw new NoEqual();
      return element.raw;
    default:
      // Set operations of the v flag.
      throw new NoEqual();
  }
}

function writeAssertion(assertion: AST.Assertion, flags: Flags): string {
  switch (assertion.kind) {
    case 'start':
      return flags.multiline ? `(?:^|(?<=[${LINE_END}]))` : '^';
    case 'end':
      return flags.multiline ? `(?=$|[${LINE_END}])` : '$';
    case 'word':
      // With both flags two letters beyond ASCII are of words as well.
      if (flags.ignoreCase && flags.unicode) throw new NoEqual();
      return assertion.raw;
    default: {
      const look = `${assertion.kind === 'lookbehind' ? '<' : ''}${assertion.negate ? '!' : '='}`;
      return `(?${look}${writeAlternatives(assertion.alternatives, flags)})`;
    }
  }
}

function writeCharacter(value: number, flags: Flags): string {
  // Without the u flag it is half of any character that has it, which no pattern with the flag can see.
  if (!flags.unicode && isSurrogate(value)) throw new NoEqual();
  const variants = flags.ignoreCase ? caseVariants(value, flags.unicode) : [value];
  if (variants.length === 1) return escaped(value);
  return `[${variants.map((variant) => escaped(variant)).join('')}]`;
}

function writeSet(set: AST.CharacterSet, flags: Flags, isInClass: boolean): string {
  switch (set.kind) {
    case 'any':
      return flags.dotAll ? '[\\s\\S]' : '.';
    case 'word':
      if (!flags.ignoreCase || !flags.unicode) return set.raw;
      if (set.negate) throw new NoEqual();
      return isInClass ? '\\w\\u017f\\u212a' : '[\\w\\u017f\\u212a]';
    case 'property':
      if (flags.ignoreCase || set.strings) throw new NoEqual();
      return set.raw;
    default:
      return set.raw;
  }
}

function writeMember(member: AST.CharacterClassElement, flags: Flags): string {
  switch (member.type) {
    case 'Character': {
      const variants = flags.ignoreCase ? caseVariants(member.value, flags.unicode) : [member.value];
      return variants.map((variant) => inClass(variant)).join('');
    }
    case 'CharacterClassRange': {
      const [from, to] = [member.min.value, member.max.value];
      const range = `${inClass(from)}-${inClass(to)}`;
      return flags.ignoreCase ? range + rangeVariants(from, to, flags.unicode) : range;
    }
    case 'CharacterSet':
      return writeSet(member, flags, true);
    default:
      throw new NoEqual();
  }
}

/** What a class without the u flag says of characters of two halves, by what it says of halves. */
function beyond16Bits(element: AST.CharacterClass): string {
  const surrogates = surrogatesOf(element);
  if (surrogates === 'some') throw new NoEqual();
  return surrogates === 'all' && !element.elements.some(isBroadSet) ? '\\u{10000}-\\u{10ffff}' : '';
}

/** Longer ranges would take their time; who ignores the case of half the alphabets of the world means another thing. */
const LONGEST_RANGE = 5_000;

/** The other cases of all characters in a range, as ranges. */
function rangeVariants(from: number, to: number, unicode: boolean): string {
  if (to - from > LONGEST_RANGE) throw new NoEqual();
  const others = new Set<number>();
  for (let value = from; value <= to; value += 1) {
    for (const variant of caseVariants(value, unicode)) if (variant < from || variant > to) others.add(variant);
  }
  const sorted = [...others].sort((left, right) => left - right);
  let text = '';
  for (let start = 0; start < sorted.length;) {
    let end = start;
    while (end + 1 < sorted.length && sorted[end + 1] === (sorted[end] ?? 0) + 1) end += 1;
    text += inClass(sorted[start] ?? 0);
    if (end > start) text += `-${inClass(sorted[end] ?? 0)}`;
    start = end + 1;
  }
  return text;
}

function modified(flags: Flags, modifiers: AST.Modifiers | null): Flags {
  if (modifiers === null) return flags;
  const { add, remove } = modifiers;
  return {
    ...flags,
    ignoreCase: (flags.ignoreCase || add.ignoreCase) && remove?.ignoreCase !== true,
    multiline: (flags.multiline || add.multiline) && remove?.multiline !== true,
    dotAll: (flags.dotAll || add.dotAll) && remove?.dotAll !== true,
  };
}

/** A member of a class, in which a hyphen would make a range. */
function inClass(value: number): string {
  return value === 0x2d ? '\\-' : escaped(value);
}

/** A character that means itself. */
function escaped(value: number): string {
  const char = String.fromCodePoint(value);
  if (/[\^$\\.*+?()[\]{}|/]/.test(char)) return `\\${char}`;
  return /^[ -~\p{L}\p{N}]$/u.test(char) ? char : `\\u{${value.toString(16)}}`;
}
