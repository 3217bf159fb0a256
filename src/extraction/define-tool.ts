import type { FilePart } from '../completion/extra-content.ts';
import type { JsonValue } from '../json/value.ts';
import type { RecordFields } from '../records/record.ts';
import { GleanerError } from '../gleaner-error.ts';
import { zodFlavour } from '../zod/flavour.ts';
import type { SchemaOutput, ZodSchema } from '../schema/zod-schema.ts';
import { kindOfValue } from './option-checks.ts';

/** What a handler gives back: any JSON value, or one with files that belong to it. */
export type ToolResult = JsonValue | { content: JsonValue; files: readonly FilePart['file_data'][] };

export interface ToolOptions<Parameters extends ZodSchema> {
  /** A letter or `_`, then letters, digits, `_`, `-`, `.` or `:`; at most 64. */
  name: string;
  /** Tells the model what the function does and when to call it. */
  description: string;
  /** A zod object schema of the arguments; calls that do not fit it are sent back to the model. */
  parameters: Parameters;
  /** Answers a call. When it throws, the record is rejected. */
  handler(
    args: SchemaOutput<Parameters>,
    context: { record: RecordFields; signal: AbortSignal },
  ): ToolResult | Promise<ToolResult>;
}

/** A checked tool, as `defineTool` returns it. */
export interface ExtractionTool {
  readonly kind: 'gleaner.tool';
  readonly name: string;
  readonly description: string;
  readonly parameters: ZodSchema;
  handler(args: unknown, context: { record: RecordFields; signal: AbortSignal }): ToolResult | Promise<ToolResult>;
}

/**
 * Defines a function that the model may call while it works on a record.
 *
 * @throws {GleanerError} naming the option that is missing or wrong
 */
export function defineTool<Parameters extends ZodSchema>(options: ToolOptions<Parameters>): ExtractionTool {
  const { name, description, parameters, handler } = options;
  if (typeof name !== 'string' || !/^[A-Za-z_][\w.:-]{0,63}$/.test(name)) {
    throw new GleanerError(
      'definition-invalid',
      `Cannot define a tool: "name" must be a function name such as "look_up_order", got ${typeof name === 'string' ? JSON.stringify(name.slice(0, 80)) : kindOfValue(name)}`,
    );
  }
  if (typeof description !== 'string' || description.trim() === '') {
    throw new GleanerError(
      'definition-invalid',
      `Cannot define the tool "${name}": "description" must tell the model what the function does, got ${kindOfValue(description)}`,
    );
  }
  if (zodFlavour(parameters) === undefined) {
    throw new GleanerError(
      'definition-invalid',
      `Cannot define the tool "${name}": "parameters" must be a zod object schema, got ${kindOfValue(parameters)}`,
    );
  }
  if (typeof handler !== 'function') {
    throw new GleanerError(
      'definition-invalid',
      `Cannot define the tool "${name}": "handler" must be a function, got ${kindOfValue(handler)}`,
    );
  }
  return Object.freeze({
    kind: 'gleaner.tool' as const,
    name,
    description,
    parameters,
    // The arguments have passed the parameters' schema by then.
    handler: (args: unknown, context: { record: RecordFields; signal: AbortSignal }) =>
      options.handler(args as SchemaOutput<Parameters>, context),
  });
}
