import { canonicalJson } from '../../../json/canonical.ts';
import { jsonTypeOf } from '../../engine/json-type.ts';
import { isMultipleOf, rationalFromNumber } from '../../engine/numbers/rational.ts';
import { patternSource } from '../../engine/regex/pattern-source.ts';
import { CannotValidate } from '../../engine/validation/verdict.ts';
import { limit, NotCompiled, refuse, type Check, type Take } from './check.ts';

export function compileTypes(take: Take, checks: Check[]): void {
  const type = take('type');
  const members = take('enum');
  const only = take('const');
  if (type !== undefined) {
    const names: readonly unknown[] = Array.isArray(type) ? type : [type];
    if (!names.every((name) => typeof name === 'string')) throw new NotCompiled();
    const [single, ...more] = names;
    const message = `must be ${names.join(' or ')}`;
    if (more.length === 0 && single === 'string') {
      checks.push((value, found) => typeof value === 'string' || refuse(found, 'type', message));
    } else {
      const set = new Set<string>(names);
      const takesNumbers = set.has('number');
      const takesIntegers = set.has('integer');
      checks.push(
        (value, found) =>
          (typeof value === 'number'
            ? takesNumbers || (takesIntegers && Number.isInteger(value))
            : set.has(jsonTypeOf(value))) || refuse(found, 'type', message),
      );
    }
  }
  const lists = [
    { list: members, rule: 'enum', message: 'must be one of the listed values' },
    { list: only === undefined ? undefined : [only], rule: 'const', message: `must be ${JSON.stringify(only)}` },
  ];
  for (const { list, rule, message } of lists) {
    if (list === undefined) continue;
    if (!Array.isArray(list)) throw new NotCompiled();
    const scalars = new Set<unknown>(list);
    const composed = new Set(
      list.filter((item: unknown) => typeof item === 'object' && item !== null).map(canonicalJson),
    );
    checks.push(
      (value, found) =>
        scalars.has(value) ||
        (composed.size > 0 && typeof value === 'object' && composed.has(canonicalJson(value))) ||
        refuse(found, rule, message),
    );
  }
}

export function compileNumbers(take: Take, checks: Check[]): void {
  const limits = [
    ['minimum', 'at least', (value: number, bound: number) => value >= bound],
    ['maximum', 'at most', (value: number, bound: number) => value <= bound],
    ['exclusiveMinimum', 'above', (value: number, bound: number) => value > bound],
    ['exclusiveMaximum', 'below', (value: number, bound: number) => value < bound],
    ['multipleOf', 'a multiple of', isMultiple],
  ] as const;
  for (const [keyword, words, isMet] of limits) {
    const bound = take(keyword);
    limit(
      checks,
      bound,
      (number) => (value, found) =>
        typeof value !== 'number' || isMet(value, number) || refuse(found, keyword, `must be ${words} ${number}`),
    );
  }
}

function isMultiple(value: number, step: number): boolean {
  const exact = rationalFromNumber(value);
  const exactStep = rationalFromNumber(step);
  if (exact === undefined || exactStep === undefined || step <= 0) throw new CannotValidate('multipleOf');
  return isMultipleOf(exact, exactStep);
}

export function compileStrings(take: Take, checks: Check[]): void {
  const minLength = take('minLength');
  const maxLength = take('maxLength');
  const pattern = take('pattern');
  // Length counts code points; a string has at most as many of them as it has code units, and at least half.
  limit(checks, minLength, (least) => (value, found) => {
    if (typeof value !== 'string' || value.length >= 2 * least || codePoints(value) >= least) return true;
    return refuse(found, 'minLength', `must have at least ${least} characters`);
  });
  limit(checks, maxLength, (most) => (value, found) => {
    if (typeof value !== 'string' || value.length <= most || codePoints(value) <= most) return true;
    return refuse(found, 'maxLength', `must have at most ${most} characters`);
  });
  if (pattern === undefined) return;
  const source = typeof pattern === 'string' ? patternSource(pattern) : undefined;
  if (source === undefined) throw new NotCompiled();
  const regex = new RegExp(source, 'u');
  checks.push(
    (value, found) =>
      typeof value !== 'string' || regex.test(value) || refuse(found, 'pattern', 'must match the pattern'),
  );
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
