import type { JsonValue } from '../../../json/value.ts';

/** Why a row is refused. Holds no values, so that equal failures of many rows are one. */
export interface RowProblem {
  /** JSON pointer in which `*` stands for any item, and for any name that the schema does not list. */
  readonly path: string;
  /** The keyword that refuses, or the code of zod's issue. */
  readonly rule: string;
  readonly message: string;
}

/** A problem on its way up: every level puts its step before. */
export interface Found {
  path: string;
  readonly rule: string;
  readonly message: string;
}

/** Adds what is wrong with a value to the list; true when nothing is. Costs nothing but the checks where all is well. */
export type Check = (value: JsonValue, found: Found[]) => boolean;

/** Thrown for a schema that is left to the slower validator. */
export class NotCompiled extends Error {}

/** A keyword of a schema, which counts as known from then on. */
export type Take = (keyword: string) => JsonValue | undefined;

/** Adds a check against the number that a keyword holds, where it is there. */
export function limit(checks: Check[], bound: JsonValue | undefined, make: (bound: number) => Check): void {
  if (bound === undefined) return;
  if (typeof bound !== 'number') throw new NotCompiled();
  checks.push(make(bound));
}

export function refuse(found: Found[], rule: string, message: string, path = ''): false {
  found.push({ path, rule, message });
  return false;
}

/** Puts a step before the places of all problems from a mark on. */
export function putBefore(found: Found[], mark: number, place: string): false {
  for (let at = mark; at < found.length; at += 1) {
    const problem = found[at];
    if (problem !== undefined) problem.path = place + problem.path;
  }
  return false;
}

/** The step of a JSON pointer to a name. */
export function step(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
