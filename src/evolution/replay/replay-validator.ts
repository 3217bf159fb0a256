import { canonicalJson } from '../../json/canonical.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { jsonTypeOf } from '../engine/json-type.ts';
import { isMultipleOf, rationalFromNumber } from '../engine/numbers/rational.ts';
import { patternSource } from '../engine/regex/pattern-source.ts';
import { SchemaDocument } from '../engine/schema-document.ts';
import { CannotValidate, Validator } from '../engine/validate.ts';

/** Why a row is refused. Holds no values, so that equal failures of many rows are one. */
export interface RowProblem {
  /** JSON pointer in which `*` stands for any item, and for any name that the schema does not list. */
  readonly path: string;
  /** The keyword that refuses, or the code of zod's issue. */
  readonly rule: string;
  readonly message: string;
}

/** A problem on its way up: every level puts its step before. */
interface Found {
  path: string;
  readonly rule: string;
  readonly message: string;
}

/** Adds what is wrong with a value to the list; true when nothing is. Costs nothing but the checks where all is well. */
type Check = (value: JsonValue, found: Found[]) => boolean;

/**
 * Makes a function that lists what a schema refuses in a value. What zod schemas become is compiled once; a schema with
 * other keywords is left to the slower validator.
 */
export function compileValidator(schema: JsonValue): (value: JsonValue) => readonly RowProblem[] {
  try {
    const check = new Compiler(new SchemaDocument(schema, '2020-12')).compile(schema);
    return (value) => {
      const found: Found[] = [];
      check(value, found);
      return found;
    };
  } catch (error) {
    if (!(error instanceof NotCompiled)) throw error;
    const validator = new Validator(schema, '2020-12');
    return (value) =>
      validator
        .violations(value)
        .map(({ at, keyword, message }) => ({ path: at.replaceAll(/\/\d+(?=\/|$)/g, '/*'), rule: keyword, message }));
  }
}

class NotCompiled extends Error {}

const ANNOTATIONS = [
  '$schema',
  '$id',
  '$comment',
  '$defs',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  'format',
  'contentEncoding',
  'contentMediaType',
  'id',
];

class Compiler {
  readonly #document: SchemaDocument;
  readonly #compiled = new Map<JsonObject, Check>();

  constructor(document: SchemaDocument) {
    this.#document = document;
  }

  compile(schema: JsonValue): Check {
    if (schema === true) return () => true;
    if (schema === false) return (_value, found) => refuse(found, 'false', 'nothing is allowed here');
    if (!isJsonObject(schema)) throw new NotCompiled();
    const known = this.#compiled.get(schema);
    if (known !== undefined) return known;
    // A recursive schema meets this one while it is made.
    let check: Check | undefined;
    this.#compiled.set(schema, (value, found) => check === undefined || check(value, found));
    check = this.#compileKeywords(schema);
    this.#compiled.set(schema, check);
    return check;
  }

  #compileKeywords(schema: JsonObject): Check {
    const checks: Check[] = [];
    const handled = new Set(ANNOTATIONS);
    const take = (keyword: string): JsonValue | undefined => {
      handled.add(keyword);
      return schema[keyword];
    };
    this.#reference(take, schema, checks);
    types(take, checks);
    numbers(take, checks);
    strings(take, checks);
    this.#arrays(take, checks);
    this.#objects(take, checks);
    this.#combinations(take, checks);
    if (Object.keys(schema).some((keyword) => schema[keyword] !== undefined && !handled.has(keyword)))
      throw new NotCompiled();
    const [first, ...more] = checks;
    if (first === undefined) return () => true;
    if (more.length === 0) return first;
    return (value, found) => {
      let isFine = true;
      for (const check of checks) if (!check(value, found)) isFine = false;
      return isFine;
    };
  }

  #reference(take: Take, schema: JsonObject, checks: Check[]): void {
    const reference = take('$ref');
    if (reference === undefined) return;
    const target = typeof reference === 'string' ? this.#document.resolve(reference, schema) : undefined;
    if (target === undefined) throw new NotCompiled();
    checks.push(this.compile(target));
  }

  #arrays(take: Take, checks: Check[]): void {
    const minItems = take('minItems');
    const maxItems = take('maxItems');
    const prefixItems = take('prefixItems') ?? [];
    const items = take('items');
    limit(
      checks,
      minItems,
      (least) => (value, found) =>
        !Array.isArray(value) ||
        value.length >= least ||
        refuse(found, 'minItems', `must have at least ${least} items`),
    );
    limit(
      checks,
      maxItems,
      (most) => (value, found) =>
        !Array.isArray(value) || value.length <= most || refuse(found, 'maxItems', `must have at most ${most} items`),
    );
    if (!Array.isArray(prefixItems)) throw new NotCompiled();
    const first = prefixItems.map((schema: JsonValue) => this.compile(schema));
    if (items === undefined && first.length === 0) return;
    const rest = items === undefined ? undefined : this.compile(items);
    checks.push((value, found) => {
      if (!Array.isArray(value)) return true;
      let isFine = true;
      for (let index = 0; index < value.length; index += 1) {
        const check = first[index] ?? rest;
        if (check === undefined) break;
        const mark = found.length;
        if (!check(value[index] as JsonValue, found))
          isFine = putBefore(found, mark, index < first.length ? `/${index}` : '/*');
      }
      return isFine;
    });
  }

  #objects(take: Take, checks: Check[]): void {
    const properties = take('properties') ?? {};
    const additional = take('additionalProperties');
    const propertyNames = take('propertyNames');
    const required = take('required') ?? [];
    const minProperties = take('minProperties');
    const maxProperties = take('maxProperties');
    if (!isJsonObject(properties) || !Array.isArray(required)) throw new NotCompiled();
    const names: string[] = required.filter((name: unknown) => typeof name === 'string');
    if (names.length > 0) {
      const missing = names.map((name) => ({ name, message: `must have the property ${JSON.stringify(name)}` }));
      checks.push((value, found) => {
        if (!isJsonObject(value)) return true;
        let isFine = true;
        for (const { name, message } of missing)
          if (!Object.hasOwn(value, name)) isFine = refuse(found, 'required', message, step(name));
        return isFine;
      });
    }
    const count = (value: JsonValue): number => (isJsonObject(value) ? Object.keys(value).length : NaN);
    limit(
      checks,
      minProperties,
      (least) => (value, found) =>
        !(count(value) < least) || refuse(found, 'minProperties', `must have at least ${least} properties`),
    );
    limit(
      checks,
      maxProperties,
      (most) => (value, found) =>
        !(count(value) > most) || refuse(found, 'maxProperties', `must have at most ${most} properties`),
    );

    const listed = new Map<string, { check: Check; place: string }>();
    for (const [name, schema] of Object.entries(properties)) {
      if (schema !== undefined) listed.set(name, { check: this.compile(schema), place: step(name) });
    }
    const others =
      additional === undefined || additional === true
        ? undefined
        : additional === false
          ? false
          : this.compile(additional);
    const nameCheck = propertyNames === undefined ? undefined : this.compile(propertyNames);
    if (listed.size === 0 && others === undefined && nameCheck === undefined) return;
    checks.push((value, found) => {
      if (!isJsonObject(value)) return true;
      let isFine = true;
      for (const name in value) {
        const member = value[name];
        if (member === undefined || !Object.hasOwn(value, name)) continue;
        if (nameCheck !== undefined && !nameCheck(name, []))
          isFine = refuse(found, 'propertyNames', 'must have an allowed name', '/*');
        const known = listed.get(name);
        const mark = found.length;
        if (known !== undefined) {
          if (!known.check(member, found)) isFine = putBefore(found, mark, known.place);
        } else if (others === false) {
          isFine = refuse(
            found,
            'additionalProperties',
            'must not be there, as no other properties are allowed',
            step(name),
          );
        } else if (others !== undefined && !others(member, found)) isFine = putBefore(found, mark, '/*');
      }
      return isFine;
    });
  }

  #combinations(take: Take, checks: Check[]): void {
    const allOf = take('allOf');
    const anyOf = take('anyOf');
    const oneOf = take('oneOf');
    const not = take('not');
    if (allOf !== undefined) checks.push(...this.#each(allOf).map(({ check }) => check));
    if (anyOf !== undefined) {
      const branches = this.#each(anyOf);
      // For a nullable value, what its one real alternative refuses says more than that no alternative fits.
      const real = branches.filter(({ schema }) => !(isJsonObject(schema) && schema['type'] === 'null'));
      const only = real.length === 1 && real.length < branches.length ? real[0] : undefined;
      checks.push((value, found) => {
        const mark = found.length;
        for (const { check } of branches) {
          if (check(value, found)) {
            found.length = mark;
            return true;
          }
        }
        found.length = mark;
        return only === undefined ? refuse(found, 'anyOf', 'must fit an alternative') : only.check(value, found);
      });
    }
    if (oneOf !== undefined) {
      const branches = this.#each(oneOf);
      checks.push((value, found) => {
        const accepting = branches.filter(({ check }) => check(value, [])).length;
        return accepting === 1 || refuse(found, 'oneOf', 'must fit exactly one alternative');
      });
    }
    if (not !== undefined) {
      const check = this.compile(not);
      checks.push((value, found) => !check(value, []) || refuse(found, 'not', 'must not be what is excluded'));
    }
  }

  #each(schemas: JsonValue): { schema: JsonValue; check: Check }[] {
    if (!Array.isArray(schemas)) throw new NotCompiled();
    return schemas.map((schema: JsonValue) => ({ schema, check: this.compile(schema) }));
  }
}

type Take = (keyword: string) => JsonValue | undefined;

function types(take: Take, checks: Check[]): void {
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

function numbers(take: Take, checks: Check[]): void {
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

function strings(take: Take, checks: Check[]): void {
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

function limit(checks: Check[], bound: JsonValue | undefined, make: (bound: number) => Check): void {
  if (bound === undefined) return;
  if (typeof bound !== 'number') throw new NotCompiled();
  checks.push(make(bound));
}

function refuse(found: Found[], rule: string, message: string, path = ''): false {
  found.push({ path, rule, message });
  return false;
}

function putBefore(found: Found[], mark: number, place: string): false {
  for (let at = mark; at < found.length; at += 1) {
    const problem = found[at];
    if (problem !== undefined) problem.path = place + problem.path;
  }
  return false;
}

function step(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
