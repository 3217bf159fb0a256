import type { JsonObject } from '../json/value.ts';
import { openAnyJson } from './any-json.ts';
import { withoutCheckFormats } from './check-formats.ts';
import { complexityWarnings } from './complexity.ts';
import { requireDefaults } from './default-fields.ts';
import { checkRecursion, checkRoot, refuseImpossible } from './demand-fillable.ts';
import { EARLIER, GEMINI, GEMINI_TOOLS } from './dialect/dialects.ts';
import { toProviderSchema, type ProviderSchema } from './dialect/provider-schema.ts';
import { toWholeSchema } from './dialect/whole-schema.ts';
import { joinIntersections } from './join-intersections.ts';
import { takePatternNotes } from './lost-patterns.ts';
import { normalText } from './normal-form.ts';
import { normalise } from './normalise.ts';
import type { SchemaLoss } from './schema-loss.ts';
import { settleInput, settleOutput } from './unrepresentable.ts';

/** Who is asked: `whole` is for servers that enforce JSON Schema while they write, such as vLLM and llama.cpp. */
export type DialectName = 'gemini' | 'gemini-tools' | 'whole';

/** A schema as it came from a converter: what the model writes, and what becomes of it. */
export interface ConvertedSchema {
  input: JsonObject;
  output: JsonObject;
}

/** What becomes of it; `DerivedSchema` says of each what it is. */
export interface SettledSchema {
  schema: JsonObject;
  outputSchema: JsonObject;
  provider: JsonObject;
  losses: readonly SchemaLoss[];
  warnings: readonly string[];
  identity: string;
}

/**
 * Brings a converted schema into the form that everything works with, and into that which the provider takes.
 *
 * @throws {GleanerError} for schemas no model can be asked to fill
 */
export function settleSchema({ input, output: given }: ConvertedSchema, dialect: DialectName): SettledSchema {
  const warnings: string[] = [];
  const losses: SchemaLoss[] = [];
  const noted = settleInput(openAnyJson(normalise(input)));
  const schema = takePatternNotes(noted, losses);
  const output = settleOutput(joinIntersections(openAnyJson(normalise(given))), warnings);
  const outputSchema = takePatternNotes(output, []);

  refuseImpossible(schema);
  if (dialect !== 'whole') warnings.push(...checkRecursion(schema));
  const sent = rewrite(requireDefaults(withoutCheckFormats(schema)), dialect);
  checkRoot(sent.provider);
  if (dialect !== 'whole') warnings.push(...complexityWarnings(sent.provider));
  return {
    schema,
    outputSchema,
    provider: sent.provider,
    losses: [...losses, ...sent.losses],
    warnings,
    identity: `${dialect === 'whole' ? 'whole ' : ''}${normalText(noted)}`,
  };
}

/** A schema as gleaner 0.1 derived and sent it. */
export interface EarlierForm {
  schema: JsonObject;
  provider: JsonObject;
}

/** @throws {GleanerError} where gleaner 0.1 refused it */
export function settleEarlier(input: JsonObject): EarlierForm {
  const schema = settleInput(normalise(input));
  return { schema, provider: toProviderSchema(schema, EARLIER).provider };
}

function rewrite(schema: JsonObject, dialect: DialectName): ProviderSchema {
  switch (dialect) {
    case 'gemini':
      return toProviderSchema(schema, GEMINI);
    case 'gemini-tools':
      return toProviderSchema(schema, GEMINI_TOOLS);
    case 'whole':
      return toWholeSchema(schema);
    default:
      return dialect satisfies never;
  }
}
