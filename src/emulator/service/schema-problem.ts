import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';

/**
 * Finds the first thing that is wrong with a value, by a schema that uses these keywords only: type, enum, properties,
 * required, additionalProperties, propertyNames, items, minItems, minLength, minimum, maximum, anyOf of different types,
 * oneOf of required keys, and $ref into $defs.
 *
 * @returns a sentence without a period that begins with the JSON pointer of the place; undefined where nothing is wrong
 */
export function schemaProblem(schema: JsonObject, value: JsonValue): string | undefined {
  return new Checker(schema).check(schema, value, '');
}

class Checker {
  readonly #root: JsonObject;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  check(schema: JsonObject, value: JsonValue, pointer: string): string | undefined {
    const target = schema['$ref'];
    if (typeof target === 'string') return this.check(this.#resolve(target), value, pointer);
    const { enum: allowed, type, anyOf } = schema;
    if (Array.isArray(anyOf)) return this.#checkBranches(anyOf.filter(isJsonObject), value, pointer);
    if (Array.isArray(allowed) && !allowed.includes(value)) {
      return wrong(pointer, `must be ${allowed.length === 1 ? '' : 'one of '}${allowed.join(', ')}`, value);
    }
    if (typeof type === 'string' && !hasType(value, type)) return wrong(pointer, `must be ${typeNames[type]}`, value);
    if (typeof value === 'number') return checkNumber(schema, value, pointer);
    if (typeof value === 'string' && value.length < Number(schema['minLength'] ?? 0)) {
      return `${place(pointer)} must not be empty`;
    }
    if (Array.isArray(value)) return this.#checkArray(schema, value, pointer);
    return isJsonObject(value) ? this.#checkObject(schema, value, pointer) : undefined;
  }

  #resolve(target: string): JsonObject {
    const definitions = this.#root['$defs'];
    const found = isJsonObject(definitions) ? definitions[target.replace('#/$defs/', '')] : undefined;
    return isJsonObject(found) ? found : {};
  }

  /** The branch for the value's type tells what is wrong. */
  #checkBranches(branches: readonly JsonObject[], value: JsonValue, pointer: string): string | undefined {
    for (const branch of branches) {
      const { type, enum: allowed } = branch;
      if (typeof type === 'string' ? hasType(value, type) : Array.isArray(allowed) && allowed.includes(value)) {
        return this.check(branch, value, pointer);
      }
    }
    const names = branches.map(({ type, enum: allowed }) =>
      typeof type === 'string' ? typeNames[type] : Array.isArray(allowed) ? allowed.join(', ') : '',
    );
    return wrong(pointer, `must be ${names.join(' or ')}`, value);
  }

  #checkArray(schema: JsonObject, value: readonly JsonValue[], pointer: string): string | undefined {
    if (value.length < Number(schema['minItems'] ?? 0)) return `${place(pointer)} must not be empty`;
    const { items } = schema;
    if (!isJsonObject(items)) return undefined;
    for (const [index, item] of value.entries()) {
      const problem = this.check(items, item, `${pointer}/${index}`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #checkObject(schema: JsonObject, value: JsonObject, pointer: string): string | undefined {
    const { properties, additionalProperties: others, propertyNames: names, required, oneOf } = schema;
    const known = isJsonObject(properties) ? properties : {};
    for (const [key, entry] of Object.entries(value)) {
      const below = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (isJsonObject(names)) {
        const problem = this.check(names, key, below);
        if (problem !== undefined) return problem;
      }
      const own = Object.hasOwn(known, key) ? known[key] : others;
      if (own === false) return `${below} is not known: there are ${Object.keys(known).join(', ')}`;
      const problem = isJsonObject(own) && entry !== undefined ? this.check(own, entry, below) : undefined;
      if (problem !== undefined) return problem;
    }
    const missing = stringsOf(required).find((key) => !Object.hasOwn(value, key));
    if (missing !== undefined) return `${place(pointer)} must have ${missing}`;
    if (!Array.isArray(oneOf)) return undefined;
    const choices = oneOf.flatMap((branch) => (isJsonObject(branch) ? stringsOf(branch['required']) : []));
    const present = choices.filter((key) => Object.hasOwn(value, key));
    if (present.length === 1) return undefined;
    const given = present.length === 0 ? 'none' : present.join(' and ');
    return `${place(pointer)} must have one of ${choices.join(', ')}, got ${given}`;
  }
}

function checkNumber({ minimum, maximum }: JsonObject, value: number, pointer: string): string | undefined {
  if (typeof minimum === 'number' && value < minimum) return wrong(pointer, `must be ${minimum} or more`, value);
  if (typeof maximum === 'number' && value > maximum) return wrong(pointer, `must be at most ${maximum}`, value);
  return undefined;
}

const typeNames: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
};

function hasType(value: JsonValue, type: string): boolean {
  switch (type) {
    case 'object':
      return isJsonObject(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type;
  }
}

function stringsOf(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

function wrong(pointer: string, expected: string, value: JsonValue): string {
  const text = JSON.stringify(value);
  return `${place(pointer)} ${expected}, got ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}

function place(pointer: string): string {
  return pointer === '' ? 'it' : pointer;
}
