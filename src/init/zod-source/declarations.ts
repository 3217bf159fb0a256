import { refuseSchema } from './refuse-schema.ts';
import type { ZodCode } from './zod-code.ts';

interface Declared {
  readonly name: string;
  code: ZodCode | undefined;
  isUsed: boolean;
}

const TAKEN = new Set([
  'z',
  'defineExtraction',
  'default',
  'class',
  'function',
  'return',
  'new',
  'delete',
  'in',
  'null',
  'enum',
  'import',
  'export',
]);

/** The named parts of a schema, each written once, before what uses it. One that leads back to itself does so through a property. */
export class Declarations {
  readonly #byPointer = new Map<string, Declared>();
  readonly #finished: { name: string; code: ZodCode }[] = [];
  /** How often code that is being made names a part that is not finished. */
  #openUses = 0;

  /** Gives the code that stands for the part: its name, or all of it for a root that nothing refers to. */
  declare(
    pointer: string,
    make: () => ZodCode,
    { name = 'root', path = '', isRoot = false }: { name?: string; path?: string; isRoot?: boolean },
  ): ZodCode {
    const known = this.#byPointer.get(pointer);
    if (known !== undefined) {
      known.isUsed = true;
      if (known.code === undefined) this.#openUses += 1;
      return known.name;
    }
    const declared: Declared = { name: this.#freeName(name), code: undefined, isUsed: !isRoot };
    this.#byPointer.set(pointer, declared);
    const before = this.#openUses;
    const code = make();
    if (this.#openUses > before)
      refuseSchema(
        path,
        'it contains itself otherwise than through a property of an object, which zod source cannot say',
      );
    declared.code = code;
    if (!declared.isUsed) return code;
    this.#finished.push({ name: declared.name, code });
    return declared.name;
  }

  /** Makes the code of a property: a getter puts off what it names until all of it stands. */
  lazily(make: () => ZodCode): { code: ZodCode; isLazy: boolean } {
    const before = this.#openUses;
    const code = make();
    const isLazy = this.#openUses > before;
    this.#openUses = before;
    return { code, isLazy };
  }

  all(): readonly { name: string; code: ZodCode }[] {
    return this.#finished;
  }

  #freeName(name: string): string {
    const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
    const camel = words
      .map((word, index) => (index === 0 ? word[0]?.toLowerCase() : word[0]?.toUpperCase()) + word.slice(1))
      .join('');
    const base = /^[a-z]/.test(camel) ? camel : `part${camel}`;
    const names = new Set([...this.#byPointer.values()].map((declared) => declared.name));
    let free = base;
    for (let number = 2; TAKEN.has(free) || names.has(free); number += 1) free = `${base}${number}`;
    return free;
  }
}
