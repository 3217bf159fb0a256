import type { JsonObject, JsonValue } from '../../json/value.ts';
import { counted, listValues } from './words.ts';

/** What becomes of a keyword that stands for itself, whatever stands around it. */
export type Treatment =
  /** Sent as it is. */
  | 'send'
  /** Written by the code of its structure: types, unions, objects, arrays, bounds. */
  | 'structure'
  | Put;

/** A keyword that is not sent. Without words it is dropped; answers are checked for it unless it is a mere annotation. */
export interface Put {
  /** Words for the description; undefined where nothing is lost. */
  words?(value: JsonValue, schema: JsonObject): string | undefined;
  /** What the report says of it, where it is not in the description. */
  detail?(value: JsonValue, schema: JsonObject): string;
  isAnnotation?: boolean;
}

/** Longer patterns say nothing to a model and are left out of descriptions. */
export const LONGEST_SPELLED_PATTERN = 80;

const OUTSIDE_THE_SUBSET = [
  'patternProperties',
  'not',
  'contains',
  'if',
  'then',
  'else',
  'dependentRequired',
  'dependentSchemas',
  'unevaluatedProperties',
  'unevaluatedItems',
];

const NOT_TAKEN: Put = { detail: () => 'not in the provider subset' };

const ANNOTATION: Put = {
  detail: () => 'an annotation that is not in the provider subset',
  isAnnotation: true,
};

const PATTERN: Put = {
  words: (value, { format }) => {
    // zod takes no offset by default, which the format alone would let a model write.
    if (format === 'date-time' && typeof value === 'string' && /Z\)*\$$/.test(value)) return 'in UTC, ending in Z';
    return typeof value === 'string' && value.length <= LONGEST_SPELLED_PATTERN && typeof format !== 'string'
      ? `matches /${value}/`
      : undefined;
  },
  detail: (_value, { format }) =>
    typeof format === 'string' ? `format ${format} says it already` : 'too long to be spelled out in the description',
};

const TABLE: Readonly<Record<string, Treatment>> = {
  $ref: 'structure',
  type: 'structure',
  enum: 'structure',
  const: 'structure',
  anyOf: 'structure',
  oneOf: 'structure',
  allOf: 'structure',
  format: 'structure',
  minimum: 'structure',
  maximum: 'structure',
  exclusiveMinimum: 'structure',
  exclusiveMaximum: 'structure',
  properties: 'structure',
  required: 'structure',
  additionalProperties: 'structure',
  propertyNames: 'structure',
  items: 'structure',
  prefixItems: 'structure',
  minItems: 'structure',
  maxItems: 'structure',
  description: 'structure',
  title: { detail: () => 'leads the description', isAnnotation: true },
  minLength: { words: (value) => `at least ${counted(value, 'character')}` },
  maxLength: { words: (value) => `at most ${counted(value, 'character')}` },
  multipleOf: { words: (value) => `a multiple of ${String(value)}` },
  minProperties: { words: (value) => `at least ${counted(value, 'key')}` },
  maxProperties: { words: (value) => `at most ${counted(value, 'key')}` },
  uniqueItems: { words: (value) => (value === true ? 'no duplicates' : undefined) },
  contentEncoding: { words: (value) => `${String(value)}-encoded`, isAnnotation: true },
  default: { words: (value) => `default ${JSON.stringify(value)}`, isAnnotation: true },
  examples: {
    words: (value) =>
      Array.isArray(value) && value.length > 0 ? `such as ${listValues(value.slice(0, 3))}` : undefined,
    isAnnotation: true,
  },
  pattern: PATTERN,
  ...Object.fromEntries(OUTSIDE_THE_SUBSET.map((keyword) => [keyword, NOT_TAKEN])),
};

export function treatmentOf(keyword: string): Treatment {
  return Object.hasOwn(TABLE, keyword) ? (TABLE[keyword] ?? ANNOTATION) : ANNOTATION;
}
