import type { JsonObject } from '../json/value.ts';
import type { SchemaLoss } from '../json-schema/schema-loss.ts';
import type { EarlierForm } from '../json-schema/settle-schema.ts';

/** What a zod schema becomes: its JSON Schema in full, and the part of it that the provider accepts. */
export interface DerivedSchema {
  /** JSON Schema of what the model should write: the zod schema's input side. */
  schema: JsonObject;
  /** JSON Schema of a parsed answer: the output side, after transforms and defaults. Evolution compares this one. */
  outputSchema: JsonObject;
  /** What `response_format` carries. */
  provider: JsonObject;
  losses: readonly SchemaLoss[];
  /** What may go wrong although the schema is accepted: documented complexity limits, outputs that no schema describes. */
  warnings: readonly string[];
  /**
   * Text by which the schema is known again: what is asked and checked, in a normal form that every version of zod leads
   * to. Answers to a schema with the same identity are answers to this one.
   */
  identity: string;
  /** What gleaner 0.1 made of the schema, and knew its answers by; made when it is asked for. */
  earlier(): EarlierForm | undefined;
}
