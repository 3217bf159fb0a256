import type * as Regexpp from '@eslint-community/regexpp';
import type { AST } from '@eslint-community/regexpp';
import { requirePackage } from '../packages/require-package.ts';
import { isBroadSet, pairOf, surrogatesOf } from './surrogates.ts';

/** What has no broad set counts nothing but single characters. */
const MAY_BE_BROAD = /[.]|\\[DSW]|\[\^|[\ud800-\uffff]|\\u/;

/**
 * Whether a pattern without the `u` flag means another thing with it, where texts have characters beyond 16 bits: it
 * counts them as two. `/^.$/` refuses an emoji that `/^.$/u` takes, and `/^.+$/` takes the same texts as `/^.+$/u`. Where
 * that cannot be told, it is taken to count.
 */
export function countsCodeUnits(source: string, flags: string): boolean {
  if (/[uv]/.test(flags) || !MAY_BE_BROAD.test(source)) return false;
  const { RegExpParser } = requirePackage('@eslint-community/regexpp') as typeof Regexpp;
  const pattern = new RegExpParser().parsePattern(source, 0, source.length, { unicode: false, unicodeSets: false });
  const isOpen = !flags.includes('y');
  const { counts, hasBroad, refersBack } = combined(
    pattern.alternatives.map((one) => readSequence(one.elements, { opens: isOpen, closes: true })),
  );
  return counts || (hasBroad && refersBack);
}

/**
 * What a part of a pattern does with broad sets, those that have both halves of every character. A pattern without `u`
 * may go on in the middle of a character where one broad set ends and another begins.
 */
interface Reading {
  /** Whether it counts halves within itself. */
  readonly counts: boolean;
  /** Whether it may begin and end with a broad set. */
  readonly begins: boolean;
  readonly ends: boolean;
  /** Whether it may match nothing, so that its neighbours meet. */
  readonly isNullable: boolean;
  /** Whether it may match nothing, and asks of the place at which it does. */
  readonly asks: boolean;
  /** Whether it may end with a broad set whose end was asked about. */
  readonly endsAsked: boolean;
  readonly hasBroad: boolean;
  readonly refersBack: boolean;
}

/** Consumes no broad set, or nothing at all. */
function narrow(isNullable: boolean): Reading {
  return {
    counts: false,
    begins: false,
    ends: false,
    isNullable,
    asks: false,
    endsAsked: false,
    hasBroad: false,
    refersBack: false,
  };
}

/** Where a sequence stands: whether any text may come before it and after it, as around a pattern without anchors. */
interface Place {
  readonly opens: boolean;
  readonly closes: boolean;
}

const INSIDE: Place = { opens: false, closes: false };

function readSequence(elements: readonly AST.Element[], place: Place): Reading {
  let whole: Reading = { ...narrow(true), begins: place.opens, ends: place.opens };
  for (let index = 0; index < elements.length;) {
    const run = broadRun(elements, index);
    const next =
      run.length > 0
        ? readRun(run, {
            opens: place.opens && index === 0,
            closes: place.closes && index + run.length === elements.length,
          })
        : readElement(elements, index);
    const isFirstRun = run.length > 0 && index === 0;
    whole = isFirstRun ? next : joined(whole, next);
    index += run.length || (pairOf(elements[index] as AST.Element, elements[index + 1]) === undefined ? 1 : 2);
  }
  // Any text may follow, from the middle of a character on.
  return { ...whole, counts: whole.counts || (place.closes && whole.endsAsked) };
}

/** One after another: where both may be in the middle of a character at once, halves count. */
function joined(left: Reading, right: Reading): Reading {
  return {
    counts: left.counts || right.counts || (left.ends && right.begins),
    begins: left.begins || (left.isNullable && right.begins),
    ends: right.ends || (right.isNullable && left.ends),
    isNullable: left.isNullable && right.isNullable,
    asks: left.isNullable && right.isNullable && (left.asks || right.asks),
    endsAsked: right.endsAsked || (right.isNullable && left.endsAsked) || (right.asks && left.ends),
    hasBroad: left.hasBroad || right.hasBroad,
    refersBack: left.refersBack || right.refersBack,
  };
}

function combined(readings: readonly Reading[]): Reading {
  const some = (name: keyof Reading): boolean => readings.some((reading) => reading[name]);
  return {
    counts: some('counts'),
    begins: some('begins'),
    ends: some('ends'),
    isNullable: some('isNullable'),
    asks: some('asks'),
    endsAsked: some('endsAsked'),
    hasBroad: some('hasBroad'),
    refersBack: some('refersBack'),
  };
}

interface Broad {
  readonly min: number;
  readonly max: number;
}

/** The broad sets that follow each other directly, from an index on. */
function broadRun(elements: readonly AST.Element[], from: number): Broad[] {
  const run: Broad[] = [];
  for (let index = from; index < elements.length; index += 1) {
    const element = elements[index] as AST.Element;
    const quantified = element.type === 'Quantifier' ? element : { element, min: 1, max: 1 };
    if (!isBroad(quantified.element)) break;
    run.push({ min: quantified.min, max: quantified.max });
  }
  return run;
}

/**
 * A run of broad sets means the same with the flag where it asks for one character at most and somewhere takes any number:
 * whatever a half is too much or too little, that takes or leaves.
 */
function readRun(run: readonly Broad[], { opens, closes }: Place): Reading {
  const least = run.reduce((sum, { min }) => sum + min, 0);
  const isUnbounded = opens || closes || run.some(({ max }) => max === Infinity);
  const isPlain = run.every(({ min, max }) => max === Infinity || (min === 1 && max === 1));
  return {
    counts: least > 1 || !isUnbounded || !isPlain,
    begins: true,
    ends: true,
    isNullable: least === 0,
    asks: false,
    endsAsked: false,
    hasBroad: true,
    refersBack: false,
  };
}

function isBroad(element: AST.Element): boolean {
  if (element.type === 'CharacterSet') return element.kind === 'any' || isBroadSet(element);
  if (element.type !== 'CharacterClass') return false;
  return surrogatesOf(element) === (element.negate ? 'none' : 'all');
}

function readElement(elements: readonly AST.Element[], index: number): Reading {
  const element = elements[index] as AST.Element;
  switch (element.type) {
    case 'Group':
    case 'CapturingGroup':
      return combined(element.alternatives.map((one) => readSequence(one.elements, INSIDE)));
    case 'Quantifier': {
      const { min, max } = element;
      if (isLoopOverCharacters(element)) return { ...narrow(min === 0), begins: true, ends: true, hasBroad: true };
      const body = readElement([element.element], 0);
      const meets = max > 1 && body.ends && body.begins;
      return { ...body, counts: body.counts || meets, isNullable: body.isNullable || min === 0 };
    }
    case 'Assertion':
      return readAssertion(element);
    case 'Backreference':
      return { ...narrow(true), refersBack: true };
    default:
      return narrow(false);
  }
}

/**
 * Whether it is a loop that takes one broad set a round, as `(?:[^"\\\\]|\\\\.)*` and `(?:(?!-->).)*` do: a half more or less is
 * a round more or less. In other alternatives a broad set may be the last of them only, whose other half takes a round.
 */
function isLoopOverCharacters({ element: group, min, max }: AST.Quantifier): boolean {
  if (min > 1 || max !== Infinity || (group.type !== 'Group' && group.type !== 'CapturingGroup')) return false;
  const kinds = group.alternatives.map(({ elements }) => {
    const last = elements.at(-1);
    const others = last !== undefined && isBroad(last) ? elements.slice(0, -1) : elements;
    if (readSequence(others, INSIDE).hasBroad || others.some(({ type }) => type === 'Backreference')) return 'other';
    if (others === elements) return 'narrow';
    if (others.every(isPassedByHalves)) return 'round';
    return readSequence(others, INSIDE).isNullable ? 'other' : 'narrow';
  });
  return kinds.includes('round') && !kinds.includes('other');
}

/** Whether it is a negative look ahead that no second half of a character fails. */
function isPassedByHalves(element: AST.Element): boolean {
  if (element.type !== 'Assertion' || element.kind !== 'lookahead' || !element.negate) return false;
  const body = readAssertion(element);
  return !body.hasBroad && element.alternatives.every((one) => !readSequence(one.elements, INSIDE).isNullable);
}

function readAssertion(assertion: AST.Assertion): Reading {
  switch (assertion.kind) {
    case 'start':
    case 'end':
      // Nothing goes on across an end, and an end of a line is no half of anything.
      return narrow(false);
    case 'word':
      return { ...narrow(true), asks: true };
    default: {
      const { kind } = assertion;
      const body = combined(
        assertion.alternatives.map((one) => readSequence(one.elements, { opens: false, closes: kind === 'lookahead' })),
      );
      // It takes nothing, so what stands around it meets as well.
      return {
        ...body,
        counts: body.counts || (kind === 'lookbehind' && body.hasBroad),
        ends: false,
        endsAsked: false,
        isNullable: true,
        asks: true,
      };
    }
  }
}
