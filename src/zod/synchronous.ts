import { walkZod, zodChecks, zodDefinition } from './walk.ts';

/** Types of zod 4 that run no code of the definition's author but what gives defaults, which zod never waits for. */
const PLAIN_TYPES: ReadonlySet<unknown> = new Set([
  'string',
  'number',
  'int',
  'bigint',
  'boolean',
  'date',
  'null',
  'undefined',
  'any',
  'unknown',
  'never',
  'literal',
  'enum',
  'object',
  'record',
  'array',
  'tuple',
  'union',
  'intersection',
  'nullable',
  'optional',
  'nonoptional',
  'default',
  'prefault',
  'readonly',
]);

const PLAIN_CHECKS: ReadonlySet<unknown> = new Set([
  'less_than',
  'greater_than',
  'multiple_of',
  'number_format',
  'bigint_format',
  'max_length',
  'min_length',
  'length_equals',
  'string_format',
]);

/** Where so many schemas stand in one, it is not looked into to the end. */
const MOST_NODES = 20_000;

/**
 * Whether a schema is of zod 4 and made of nothing that could have to be waited for: no refinement, transform, codec, lazy or custom type.
 * zod compiles such a schema when it is asked to check at once, which takes an eighth of the time.
 */
export function isSynchronous(schema: object): boolean {
  let nodes = 0;
  let isPlain = '_zod' in schema;
  walkZod(schema, (node) => {
    nodes += 1;
    if (!isPlain) return;
    const definition = zodDefinition(node);
    isPlain =
      nodes <= MOST_NODES &&
      '_zod' in node &&
      PLAIN_TYPES.has(definition['type']) &&
      [definition, ...zodChecks(definition)].every(
        ({ check, fn }) => fn === undefined && (check === undefined || PLAIN_CHECKS.has(check)),
      );
  });
  return isPlain;
}
