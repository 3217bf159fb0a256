import type { Calibration } from '../eval/calibration/calibrate.ts';
import type { Comparator } from '../eval/comparator.ts';
import type { ContentPart } from '../completion/request.ts';
import type { JsonValue } from '../json/value.ts';
import type { RecordFields } from '../records/record.ts';
import type { SchemaInput, ZodSchema } from '../schema/zod-schema.ts';
import type { ExtractionTool } from './define-tool.ts';

/** Settings sent with every request of an extraction. Thinking is set in one way at most. */
export type RequestSettings = PlainSettings &
  ({ thinking?: ThinkingSetting; reasoningEffort?: never } | { thinking?: never; reasoningEffort?: ReasoningEffort });

export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high';

/** Thinking by token budget (0 turns it off where the model allows) or by level. */
export type ThinkingSetting = (
  { budget: number; level?: never } | { level: 'minimal' | 'low' | 'medium' | 'high' | 'xhigh'; budget?: never }
) & {
  /** Has the model send its thoughts, which are cut from the answer. Default false. */
  includeThoughts?: boolean;
};

/** The settings that go with all others. */
export interface PlainSettings {
  /** 0 to 2. Left to the model when absent; Gemini 3.8 Flash ignores it. */
  temperature?: number;
  /** 0 to 1. */
  topP?: number;
  /** Upper bound on answer tokens; thinking counts against it. */
  maxTokens?: number;
  seed?: number;
  /**
   * Asks a server of one's own, such as vLLM or llama.cpp, for the log probabilities of its tokens. `logprobs` of a result says by value
   * what they come to, for `gleaner eval` to calibrate. Google's models give none here. Default false.
   */
  logprobs?: boolean;
  stop?: readonly string[];
  /** What answers consist of: JSON by default; with `image`, pictures that are written into the run directory. */
  modalities?: readonly ('text' | 'image')[];
  safetySettings?: readonly { category: string; threshold: string }[];
  /** Resource name of a context cache in the same location: `projects/…/locations/…/cachedContents/…`. */
  cachedContent?: string;
  /** Such as `MEDIA_RESOLUTION_LOW`. */
  mediaResolution?: string;
  /** For billing reports; documented for Gemini's native API only. */
  labels?: Readonly<Record<string, string>>;
  /**
   * How JSON is asked for. `json_schema`, the default, has the server enforce the schema; `json_object` and `prompt` are for
   * servers that cannot: both put the schema into the instructions, and `prompt` asks for no format besides.
   */
  responseFormat?: 'json_schema' | 'json_object' | 'prompt';
  /** Further members of the request body, as they are: `{ chat_template_kwargs: { enable_thinking: false } }`. They go before gleaner's own. */
  extraBody?: Readonly<Record<string, JsonValue>>;
  /** The tag that the model writes around its thoughts unasked, such as `think`; they are cut from the answer. */
  thoughtTag?: string;
}

/**
 * A function of a record. Written as a method so that an extraction over a particular record type still is an
 * `Extraction`: which columns a file has is known only when it is read.
 */
export type RecordFunction<Fields extends object, Result> = { call(record: Fields): Result }['call'];

/**
 * What an edit of the schema must keep: `backward`, that stored results are valid under the new schema; `forward`, that
 * new results are valid under the old one; `full`, both; `none`, neither.
 */
export type CompatibilityMode = 'backward' | 'forward' | 'full' | 'none';

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
  /** The user message: a template with `{{column}}` placeholders (`\{{` for plain braces), or a function of the record. */
  prompt: string | RecordFunction<Fields, string | ContentPart[]>;
  /** The column that holds the record's id, or a function; the 1-based row number when absent. */
  id?: (keyof NoInfer<Fields> & string) | RecordFunction<Fields, string | number>;
  request?: RequestSettings;
  /**
   * Records with the answers that are right for them, shown to the model before every record, in this order. The schema checks the
   * answers when the definition is loaded.
   */
  examples?: readonly Example<Schema>[];
  /**
   * How many times every record is read, 2 to 8: what most readings agree in holds, and `confidence` of a result says by field how many
   * do. Asked for in one call where the service gives several answers to one; `apart: true` asks for each in a call of its own.
   */
  samples?: number | { count: number; apart?: boolean };
  /**
   * Further readings of every record beside the definition's own, each with other instructions, another model or other settings; what
   * they agree in counts as with `samples`. Readings that differ find more than equal ones.
   */
  variants?: readonly Variant[];
  /** A cheap model first, and a stronger one where its answer is not to be relied on. */
  cascade?: CascadeOption;
  /** Reads records with a long text in parts, each with a call of its own, and makes one answer of theirs. */
  chunk?: ChunkOption;
  /** Functions the model may call while it works on a record, made with `defineTool`. */
  tools?: readonly ExtractionTool[];
  /** Most rounds of such calls for one record. Default 8. */
  maxToolRounds?: number;
  /** Has answers sent piece by piece, and stops paying for one as soon as it cannot become valid. Default false. */
  stream?: boolean;
  /**
   * Fields that must stand in the record, such as `total` or `items[].price`: an answer with another value is sent back once, and
   * then rejected as `not_grounded`. A null demands nothing.
   */
  requireEvidence?: readonly string[];
  /**
   * Whether an answer that the schema refuses may be read in another form that says the same, such as `"12.5"` for a number. Default
   * `lossless`, by the rules of docs/answers.md; `none` asks again for all of them.
   */
  coerce?: 'lossless' | 'none';
  /** What `gleaner schema check` demands of edits to the schema; default `backward`. */
  compatibility?: CompatibilityMode;
  /**
   * How `gleaner eval` compares fields with gold, where what the schema says is not it: `{ total: numeric({ tolerance: 0.005 }),
   * items: list({ key: 'name' }), 'items[].price': numeric() }`. Answers do not depend on it.
   */
  evaluate?: Readonly<Record<string, Comparator>>;
}

/** What one reading of a record has different from the others. */
export interface Variant {
  model?: string;
  instructions?: string;
  /** Set over the definition's own. */
  request?: RequestSettings;
}

/**
 * How a cheap model and a stronger one share the records. By rules alone: an answer that is invalid, cut off or not found in the record is
 * asked of the strong model. With `agree`, a promise besides: so many of the cheap answers that are kept agree with the strong model's.
 */
export interface CascadeOption {
  /** The cheap model. Default: the definition's own. */
  model?: string;
  /** The strong model, with request settings over the definition's where it wants others. */
  strong: string | { model: string; request?: RequestSettings };
  /**
   * When the strong model is asked: `invalid` (also after a re-ask), `truncated`, `ungrounded` (a value stands nowhere in the record),
   * `disagree` (readings differ; with `samples` or `variants`), `repaired` (the answer had to be mended). Default: the first three, and
   * `disagree` where there are several readings; with `agree` the first two, as the score tells the others.
   */
  when?: readonly ('invalid' | 'truncated' | 'ungrounded' | 'disagree' | 'repaired')[];
  /**
   * What `gleaner eval` wrote as calibration.json of an earlier run of the cheap model: the score of an answer is then the confidence of
   * its least sure value. Default: the least agreement of its readings.
   */
  calibration?: CalibrationModel;
  /** The share of the kept cheap answers that is to agree with the strong model's, such as 0.95. */
  agree?: number;
  /** How probable it may be that the promise is broken, by chance of which records were held against the strong model. Default 0.1. */
  delta?: number;
  /** How many records are asked of both models to find out. Default 300. */
  calibrate?: number;
  /**
   * The least score of the answers that are kept, as an earlier run has found it out (`cascade.promise.threshold` of its usage.json): no
   * record is asked of both models to find one, and a sample shows whether it still holds.
   */
  keep?: number;
  /** With `keep`, the share of the answers that would be kept which is asked of the strong model all the same. Default 0.05. */
  drift?: number;
  /** The fields that have to agree. Default: all of them. */
  fields?: readonly string[];
}

/** Of calibration.json, what a confidence is made of; the rest of it may stand beside. */
export type CalibrationModel = Pick<Calibration, 'model'>;

/** How records with a long text are read in parts. */
export interface ChunkOption {
  /** The field whose text is long. Default: the only one that the template names. */
  field?: string;
  /** Most characters of a part. */
  chars: number;
  /** Where a text may be cut; what is longer is cut at the next finer place. Default `paragraph`. */
  at?: 'paragraph' | 'line' | 'sentence';
  /** Characters of the part before that are read again, so that nothing is cut in two. Default 0. */
  overlap?: number;
  /** Characters before those that are shown as context, and not to be read. Default 0. */
  context?: number;
  /** How many times every part is read: what a later pass finds is added to lists. Default 1. */
  passes?: number;
  /**
   * What is done where parts differ in a value that is no list. By default the one holds that stands in its part, then the first;
   * `ask` has the model decide, with one more call. All are on record either way.
   */
  merge?: 'ask';
}

/** A record, and what a model should answer for it. */
export interface Example<Schema extends ZodSchema = ZodSchema> {
  /** Its fields, as the prompt needs them. */
  record: object;
  /** What the schema takes, before its transforms and defaults. */
  answer: SchemaInput<Schema>;
}

/**
 * What a schema must be for answers, which are objects: no schema of a string, a number, a list and the like. What such a schema meets
 * in the compiler is a type that says so.
 */
export type ObjectSchema<Schema extends ZodSchema> = NonNullable<Schema['~standard']['types']>['input'] extends
  string | number | bigint | boolean | null | undefined | readonly unknown[]
  ? {
      readonly problem: 'The schema of an extraction must be an object schema, such as z.object({ total: z.number() })';
    }
  : unknown;

/** A checked definition, as `defineExtraction` returns it. */
export interface Extraction<Schema extends ZodSchema = ZodSchema, Fields extends object = object> extends Readonly<
  Omit<ExtractionOptions<Schema, Fields>, 'id'>
> {
  readonly kind: 'gleaner.extraction';
  readonly id?: string | RecordFunction<Fields, string | number>;
}
