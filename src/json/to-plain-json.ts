import type { JsonValue } from './value.ts';

/** Deeper values would overflow the stack of whatever writes them; a value that contains itself is one of them. */
const MAX_DEPTH = 100;

/**
 * A copy of a value of somebody else's making that is JSON and nothing else: no getters, classes or proxies, which may answer
 * otherwise, or throw, when they are looked at again. Texts are shared, not copied. `problem` says where it cannot be JSON.
 */
export function toPlainJson(value: unknown): { value: JsonValue } | { problem: string } {
  try {
    return { value: copy(value, '', MAX_DEPTH) ?? null };
  } catch (error) {
    if (error instanceof NotJson) return { problem: error.message };
    throw error;
  }
}

class NotJson extends Error {}

function copy(given: unknown, path: string, levels: number): JsonValue | undefined {
  const value = hasToJson(given) ? given.toJSON() : given;
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      // JSON has no negative zero.
      return Number.isFinite(value) ? value + 0 : null;
    case 'bigint':
      throw new NotJson(`a bigint at ${path || 'its top'}`);
    case 'object':
      if (value === null) return null;
      if (levels === 0)
        throw new NotJson(`more than ${MAX_DEPTH} levels, or a value that contains itself, at ${cut(path)}`);
      if (Array.isArray(value)) {
        return Array.from(value, (item: unknown, index) => copy(item, `${path}[${index}]`, levels - 1) ?? null);
      }
      return Object.fromEntries(
        Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
          const copied = copy(member, `${path}.${key}`, levels - 1);
          return copied === undefined ? [] : [[key, copied]];
        }),
      );
    default:
      // As JSON.stringify has it, functions and symbols are not there.
      return undefined;
  }
}

function hasToJson(value: unknown): value is { toJSON(): unknown } {
  return typeof value === 'object' && value !== null && 'toJSON' in value && typeof value.toJSON === 'function';
}

function cut(path: string): string {
  return path.length <= 60 ? path : `${path.slice(0, 60)}…`;
}
