import type { AnswerIssue } from '../judge-answer.ts';
import { pointerToken } from '../../json/pointer.ts';
import { TYPE_BIT, type Alternatives, type Shape } from './stream-shape.ts';

const MAX_ISSUES = 100;
const MAX_PATH_LENGTH = 200;
const MAX_MESSAGE_LENGTH = 300;

/** For a value whose type none of the shapes has. */
export function typeIssue(path: string, expected: Alternatives, received: string): AnswerIssue {
  return issue(path, `expected ${listTypes(expected)}, received ${received}`);
}

/** For a scalar of the right type that none of the shapes takes. The message quotes the schema, never the answer. */
export function rangeIssue(path: string, expected: Alternatives): AnswerIssue {
  return issue(path, `expected ${list(expected.map(describeScalar))}`);
}

/** For an object or array that ended too early. */
export function missingIssues(
  path: string,
  expected: Alternatives,
  found: ReadonlySet<string> | number | undefined,
): AnswerIssue[] {
  if (typeof found === 'number') {
    return [issue(path, `expected at least ${Math.min(...expected.map(({ minItems }) => minItems))} items`)];
  }
  const [shape] = expected;
  if (shape === undefined || expected.length > 1) {
    return [issue(path, 'keys that are required are missing, in each of the alternatives')];
  }
  return shape.required
    .filter((key) => found?.has(key) !== true)
    .slice(0, MAX_ISSUES)
    .map((key) => issue(`${path}/${pointerToken(key)}`, 'required, but missing'));
}

export function issue(path: string, message: string): AnswerIssue {
  return { path: cut(path, MAX_PATH_LENGTH), message: cut(message, MAX_MESSAGE_LENGTH) };
}

function listTypes(expected: Alternatives): string {
  const types = expected.reduce((union, shape) => union | shape.types, 0);
  const names = Object.entries(TYPE_BIT).flatMap(([name, bit]) => ((types & bit) === 0 ? [] : [name]));
  return names.length === 0 ? 'nothing here' : list(names);
}

function describeScalar(shape: Shape): string {
  if (shape.values !== undefined) return `one of ${[...shape.values].map((value) => JSON.stringify(value)).join(', ')}`;
  const limits: string[] = [];
  if ((shape.types & TYPE_BIT.string) !== 0) {
    if (shape.minLength > 0) limits.push(`at least ${shape.minLength} characters`);
    if (shape.maxLength < Infinity) limits.push(`at most ${shape.maxLength} characters`);
  }
  if ((shape.types & TYPE_BIT.number) !== 0) {
    if (shape.minimum > -Infinity) limits.push(`at least ${shape.minimum}`);
    if (shape.exclusiveMinimum > -Infinity) limits.push(`above ${shape.exclusiveMinimum}`);
    if (shape.maximum < Infinity) limits.push(`at most ${shape.maximum}`);
    if (shape.exclusiveMaximum < Infinity) limits.push(`below ${shape.exclusiveMaximum}`);
  }
  const type = shape.isInteger ? listTypes([shape]).replace('number', 'integer') : listTypes([shape]);
  return limits.length === 0 ? type : `${type} of ${limits.join(' and ')}`;
}

function list(names: readonly string[]): string {
  return [...new Set(names)].join(' or ');
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
