import type { JsonObject, JsonValue } from '../../../json/value.ts';
import { isMultipleOf, rationalFromNumber } from '../numbers/rational.ts';
import type { Application } from './application.ts';
import { CannotValidate, count, verdictOf, type Verdict, type Violation } from './verdict.ts';

export function validateNumber(schema: JsonObject, value: number, at: string): Verdict {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const violations: Violation[] = [];
  function check(
    keyword: string,
    limit: JsonValue | undefined,
    isMet: (limit: number) => boolean,
    words: string,
  ): void {
    if (limit === undefined || typeof limit === 'boolean') return;
    if (typeof limit !== 'number') throw new CannotValidate(keyword);
    if (!isMet(limit)) violations.push({ at, keyword, message: `must be ${words} ${limit}` });
  }
  check('minimum', minimum, (limit) => (exclusiveMinimum === true ? value > limit : value >= limit), 'at least');
  check('maximum', maximum, (limit) => (exclusiveMaximum === true ? value < limit : value <= limit), 'at most');
  check('exclusiveMinimum', exclusiveMinimum, (limit) => value > limit, 'above');
  check('exclusiveMaximum', exclusiveMaximum, (limit) => value < limit, 'below');
  check('multipleOf', multipleOf, (limit) => isDecimalMultiple(value, limit), 'a multiple of');
  return verdictOf(violations);
}

export function validateString(within: Application, schema: JsonObject, value: string, at: string): Verdict {
  const { minLength, maxLength, pattern } = schema;
  const violations: Violation[] = [];
  within.spend(1 + (value.length >> 4));
  const length = Array.from(value).length;
  if (minLength !== undefined && length < count('minLength', minLength)) {
    violations.push({
      at,
      keyword: 'minLength',
      message: `must have at least ${count('minLength', minLength)} characters`,
    });
  }
  if (maxLength !== undefined && length > count('maxLength', maxLength)) {
    violations.push({
      at,
      keyword: 'maxLength',
      message: `must have at most ${count('maxLength', maxLength)} characters`,
    });
  }
  if (pattern !== undefined && !within.matches('pattern', pattern, value)) {
    violations.push({ at, keyword: 'pattern', message: 'must match the pattern' });
  }
  return verdictOf(violations);
}

function isDecimalMultiple(value: number, step: number): boolean {
  const exact = rationalFromNumber(value);
  const exactStep = rationalFromNumber(step);
  if (exact === undefined || exactStep === undefined || step <= 0) throw new CannotValidate('multipleOf');
  return isMultipleOf(exact, exactStep);
}
