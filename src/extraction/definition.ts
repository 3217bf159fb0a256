import type { ContentPart } from '../completion/request.ts';
import type { RecordFields } from '../records/record.ts';

/**
 * A zod schema of any flavour gleaner takes: zod 3 (3.25 and later), zod 4, zod/mini. Known by shape, never by class,
 * because the definition's copy of zod need not be ours. All of them carry the Standard Schema interface.
 */
export interface ZodSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => ValidationResult<Output> | Promise<ValidationResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

export type ValidationResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly ValidationIssue[] };

export interface ValidationIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The value that parsing with the schema yields, after its transforms and defaults. */
export type SchemaOutput<Schema extends ZodSchema> = NonNullable<Schema['~standard']['types']>['output'];

/** Settings sent with every request of an extraction. */
export interface RequestSettings {
  /** 0 to 2. Left to the model when absent; Gemini 3.8 Flash ignores it. */
  temperature?: number;
  /** 0 to 1. */
  topP?: number;
  /** Upper bound on answer tokens; thinking counts against it. */
  maxTokens?: number;
  seed?: number;
  stop?: readonly string[];
  /** Thinking by token budget (0 turns it off where the model allows) or by level; exclusive with `reasoningEffort`. */
  thinking?: { budget: number } | { level: 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' };
  reasoningEffort?: 'none' | 'minimal' | 'low' | 'medium' | 'high';
}

/** What a user defines: which fields to extract, from what, with which model. */
export interface ExtractionOptions<Schema extends ZodSchema, Fields extends object = RecordFields> {
  /** Names the extraction in reports and snapshots: letters, digits, `_` and `-`, at most 64. */
  name: string;
  /** `publisher/model`, such as `google/gemini-3.5-flash-lite`. `--model` overrides it. */
  model?: string;
  /** A zod object schema; answers are validated with it, in full. */
  schema: Schema;
  /** The system message: fixed, first, so that it caches. */
  instructions: string;
  /** The user message: a template with `{{column}}` placeholders, or a function of the record. */
  prompt: string | ((record: Fields) => string | ContentPart[]);
  /** The column that holds the record's id, or a function; the row number when absent. */
  id?: (keyof Fields & string) | ((record: Fields) => string | number);
  request?: RequestSettings;
}

/** A checked definition, as `defineExtraction` returns it. */
export interface Extraction<Schema extends ZodSchema = ZodSchema, Fields extends object = RecordFields>
  extends Readonly<ExtractionOptions<Schema, Fields>> {
  readonly kind: 'gleaner.extraction';
}
