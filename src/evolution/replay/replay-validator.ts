import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { SchemaDocument } from '../engine/schema-document.ts';
import { Validator } from '../engine/validate.ts';
import { compileArrays } from './compiled/arrays.ts';
import { NotCompiled, refuse, type Check, type Found, type RowProblem, type Take } from './compiled/check.ts';
import { compileObjects } from './compiled/objects.ts';
import { compileNumbers, compileStrings, compileTypes } from './compiled/scalars.ts';

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
    const compile = (inner: JsonValue): Check => this.compile(inner);
    this.#reference(take, schema, checks);
    compileTypes(take, checks);
    compileNumbers(take, checks);
    compileStrings(take, checks);
    compileArrays(take, checks, compile);
    compileObjects(take, checks, compile);
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
