import { pointerToken } from './pointer.ts';
import type { JsonValue } from './value.ts';

/** Deeper values would overflow the stack of whatever writes them; a value that contains itself is one of them. */
const MAX_DEPTH = 1000;

const MAX_PATH = 100;

/** Where a value is nothing that JSON can hold: a JSON pointer, and what is there instead. */
export interface NotJson {
  path: string;
  problem: string;
}

/**
 * A copy of a value of somebody else's making that is JSON and nothing else: no getters, classes or proxies, which may answer
 * otherwise, or throw, when they are looked at again. Texts are shared, not copied. What JSON.stringify would leave out or
 * write as something else is a problem, but for members of objects that are undefined: those are absent.
 */
export function toPlainJson(value: unknown): { value: JsonValue } | NotJson {
  try {
    return { value: copy(value, MAX_DEPTH) };
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    const { path, problem } = error;
    return { path: path.length <= MAX_PATH ? path : `${path.slice(0, MAX_PATH)}…`, problem };
  }
}

/** Thrown where a value is no JSON; gathers its path on the way up, so that others pay nothing for it. */
class Misfit {
  readonly problem: string;
  path = '';

  constructor(problem: string) {
    this.problem = problem;
  }
}

function copy(value: unknown, levels: number): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw new Misfit(String(value));
      if (value === 0 && Object.is(value, -0)) throw new Misfit('a negative zero');
      return value;
    case 'object':
      if (value === null) return null;
      if (levels === 0) throw new Misfit(`more than ${MAX_DEPTH} levels, or a value that contains itself,`);
      return copyMembers(hasToJson(value) ? ownJson(value) : value, levels - 1);
    case 'bigint':
      if (hasToJson(value)) return copyMembers(ownJson(value), levels - 1);
      throw new Misfit('a bigint');
    default:
      throw new Misfit(value === undefined ? 'undefined' : `a ${typeof value}`);
  }
}

/** What `toJSON` gives is asked for once; it may be of any kind, but has no say in how it is written itself. */
function copyMembers(value: unknown, levels: number): JsonValue {
  if (typeof value !== 'object' || value === null) return copy(value, levels);
  let key: string | number | undefined;
  try {
    if (Array.isArray(value)) {
      const items: JsonValue[] = [];
      for (key = 0; key < value.length; key += 1) items.push(copy(value[key], levels));
      return items;
    }
    const keys = Object.keys(value);
    demandPlain(value, keys);
    const members: { [key: string]: JsonValue } = {};
    for (key of keys) {
      const member = (value as Record<string, unknown>)[key];
      if (member === undefined) continue;
      const copied = copy(member, levels);
      if (key === '__proto__') define(members, key, copied);
      else members[key] = copied;
    }
    return members;
  } catch (error) {
    const misfit = error instanceof Misfit ? error : new Misfit('a member that throws when it is read');
    if (key !== undefined) misfit.path = `/${pointerToken(String(key))}${misfit.path}`;
    throw misfit;
  }
}

/** Sets and maps, errors, expressions and what hides its state would be written as `{}`. */
function demandPlain(value: object, keys: readonly string[]): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (tag !== 'Object') throw new Misfit(`${/^[AEIO]/.test(tag) ? 'an' : 'a'} ${tag}`);
  if (keys.length === 0) throw new Misfit(`${nameOf(value)} without members of its own`);
}

function hasToJson(value: unknown): value is { toJSON(key: string): unknown } {
  return typeof (value as { toJSON?: unknown }).toJSON === 'function';
}

function ownJson(value: { toJSON(key: string): unknown }): unknown {
  let json: unknown;
  try {
    json = value.toJSON('');
  } catch {
    throw new Misfit(`${nameOf(value)} whose toJSON throws`);
  }
  if (json !== null && json !== undefined) return json;
  throw new Misfit(value instanceof Date ? 'an invalid Date' : `${nameOf(value)} whose toJSON gives ${String(json)}`);
}

function nameOf(value: object): string {
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && /^\w{1,40}$/.test(name) && name !== 'Object' ? `a ${name}` : 'an object';
}

/** As a member of its own; assigned, it would become the prototype. */
function define(members: object, key: string, value: JsonValue): void {
  Object.defineProperty(members, key, { value, enumerable: true, writable: true, configurable: true });
}
