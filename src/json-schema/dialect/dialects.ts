/** Who reads a schema, and so how it has to be written. */
export interface Dialect {
  /** Values of `format` that are sent; others go into the description. */
  readonly formats: ReadonlySet<string>;
  /**
   * Where the description of a union stands. Function declarations with anything beside `anyOf` are refused ("When using any_of, it must
   * be the only field set"), so it goes into a branch, where every reader takes it.
   */
  readonly unionDescription: 'in a branch' | 'beside anyOf';
  /** Whether a list of values may hold an empty string, which is reported refused ("enum[0]: cannot be empty"). */
  readonly listsEmptyString: boolean;
}

/**
 * Which of the two native schema fields the OpenAI-compatible endpoint fills is not documented, so only what both
 * document is sent: type, properties, required, items, string enum, anyOf, minimum, maximum, minItems, maxItems, format,
 * description, beside `$ref`, `$defs` and `additionalProperties`, which Google's samples for this endpoint send.
 *
 * Null is a branch of `anyOf`, as the Pydantic models of those samples write it: `nullable` means nothing to a JSON
 * Schema reader, and a list of types is no OpenAPI. `propertyOrdering` is left out: nothing documents it on this
 * endpoint, it would cost tokens with every request, and the order of `properties` says the same.
 *
 * https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/control-generated-output
 */
export const GEMINI: Dialect = {
  formats: new Set(['date', 'date-time', 'duration', 'time']),
  unionDescription: 'in a branch',
  listsEmptyString: false,
};

/** Parameters of functions: of the formats of strings, only `date-time` is reported to be taken there. */
export const GEMINI_TOOLS: Dialect = { ...GEMINI, formats: new Set(['date-time']) };

/** What gleaner 0.1 sent, by which its answers are known again. */
export const EARLIER: Dialect = { ...GEMINI, unionDescription: 'beside anyOf', listsEmptyString: true };
