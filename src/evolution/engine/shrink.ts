import { isJsonObject, type JsonValue } from '../../json/value.ts';
import { attempt, type Budget } from './budget.ts';

type Test = (candidate: JsonValue) => boolean;

/**
 * A smaller document that still passes the test: properties and items are left out, then values replaced by plainer
 * ones, for as long as that works and the budget lasts. The given document must pass.
 */
export function shrink(document: JsonValue, passes: Test, budget: Budget): JsonValue {
  const shrinker = new Shrinker(document, passes, budget);
  attempt(
    () => {
      while (shrinker.improve());
    },
    () => undefined,
  );
  return shrinker.current;
}

class Shrinker {
  current: JsonValue;
  readonly #passes: Test;
  readonly #budget: Budget;

  constructor(document: JsonValue, passes: Test, budget: Budget) {
    this.current = document;
    this.#passes = passes;
    this.#budget = budget;
  }

  /** Goes through the whole document once; whether anything became smaller. */
  improve(): boolean {
    const before = this.current;
    this.#shrinkAt(
      () => this.current,
      (value) => value,
    );
    return this.current !== before;
  }

  /** Shrinks the value at one place, which `get` reads and `put` makes a document of with another value there. */
  #shrinkAt(get: () => JsonValue, put: (value: JsonValue) => JsonValue): void {
    const value = get();
    for (const plain of [0, '', false, null, [], {}]) if (this.#attempt(value, plain, put)) return;
    if (typeof value === 'number') {
      for (const other of [1, -1, 2, Math.trunc(value), Math.round(value * 10) / 10])
        if (this.#attempt(get(), other, put)) return;
    } else if (typeof value === 'string') this.#shrinkText(get, put);
    else if (Array.isArray(value)) this.#shrinkItems(get, put);
    else if (isJsonObject(value)) this.#shrinkProperties(get, put);
  }

  #shrinkText(get: () => JsonValue, put: (value: JsonValue) => JsonValue): void {
    const chars = (): string[] => Array.from(String(get()));
    for (let size = chars().length >> 1; size >= 1; size >>= 1) {
      for (let index = 0; index + size <= chars().length;) {
        if (!this.#attempt(get(), chars().toSpliced(index, size).join(''), put)) index += size;
      }
      if (chars().length > 200) return;
    }
    for (let index = 0; index < chars().length; index += 1)
      this.#attempt(get(), chars().with(index, 'a').join(''), put);
  }

  #shrinkItems(get: () => JsonValue, put: (value: JsonValue) => JsonValue): void {
    const items = (): readonly JsonValue[] => {
      const value = get();
      return Array.isArray(value) ? value : [];
    };
    for (const item of items()) if (this.#attempt(get(), item, put)) return;
    for (let size = items().length; size >= 1; size >>= 1) {
      for (let end = items().length; end >= size; end -= size)
        this.#attempt(get(), items().toSpliced(end - size, size), put);
    }
    for (let index = 0; index < items().length; index += 1) {
      this.#shrinkAt(
        () => items()[index] ?? null,
        (value) => put(items().with(index, value)),
      );
    }
  }

  #shrinkProperties(get: () => JsonValue, put: (value: JsonValue) => JsonValue): void {
    const entries = (): [string, JsonValue][] => {
      const value = get();
      return isJsonObject(value) ? Object.entries(value).map(([name, member]) => [name, member ?? null]) : [];
    };
    for (const [, member] of entries()) if (this.#attempt(get(), member, put)) return;
    for (let size = entries().length; size >= 1; size >>= 1) {
      for (let end = entries().length; end >= size; end -= size) {
        this.#attempt(get(), Object.fromEntries(entries().toSpliced(end - size, size)), put);
      }
    }
    for (let index = 0; index < entries().length; index += 1) {
      this.#shrinkAt(
        () => entries()[index]?.[1] ?? null,
        (value) => {
          const others = entries();
          const name = others[index]?.[0] ?? '';
          return put(Object.fromEntries(others.with(index, [name, value])));
        },
      );
    }
  }

  #attempt(value: JsonValue, simpler: JsonValue, put: (value: JsonValue) => JsonValue): boolean {
    const texts = [JSON.stringify(simpler), JSON.stringify(value)] as const;
    this.#budget.spend(1 + ((texts[0].length + texts[1].length) >> 6));
    if (!isSimpler(simpler, value, texts)) return false;
    const candidate = put(simpler);
    if (!this.#passes(candidate)) return false;
    this.current = candidate;
    return true;
  }
}

/** Shorter as text, or as long and plainer to read. */
function isSimpler(candidate: JsonValue, value: JsonValue, texts: readonly [string, string]): boolean {
  const difference = texts[0].length - texts[1].length;
  return difference < 0 || (difference === 0 && strangenessOf(candidate) < strangenessOf(value));
}

function strangenessOf(value: JsonValue): number {
  if (value === 0 || value === '') return 0;
  if (typeof value === 'number') return value < 0 || !Number.isInteger(value) ? 3 : 2;
  if (typeof value === 'string') {
    return Array.from(value).reduce(
      (sum, char) => sum + (char === 'a' ? 1 : /^[a-z0-9]$/.test(char) ? 2 : /^[ -~]$/.test(char) ? 3 : 4),
      1,
    );
  }
  return value === false ? 1 : 5;
}
