import { checkFields } from '../extraction/check-fields.ts';
import type { Extraction } from '../extraction/definition.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { deriveSchema } from '../schema/derive.ts';
import type { Comparator } from './comparator.ts';
import type { Comparators } from './compare-record.ts';
import { comparatorsOf } from './schema-comparators.ts';

/**
 * The comparators of a definition: its schema's, and before them its own. None without a definition: the values decide.
 *
 * @throws {GleanerError} where `evaluate` names a field that the schema does not have: its comparator would compare nothing
 */
export async function comparatorsFor(
  extraction: Pick<Extraction, 'name' | 'schema' | 'evaluate'> | undefined,
): Promise<Comparators> {
  if (extraction === undefined) return new Map<string, Comparator>();
  const { name, evaluate = {} } = extraction;
  const { outputSchema } = await deriveSchema(extraction.schema, { dialect: 'whole' });
  checkFields({ name, evaluate }, outputSchema);
  return comparatorsOver(outputSchema, extraction.evaluate);
}

/** The same of a schema that is derived already. */
export function comparatorsOver(outputSchema: JsonObject, evaluate: Extraction['evaluate'] = {}): Comparators {
  return new Map<string, Comparator>([...comparatorsOf(outputSchema), ...Object.entries(evaluate)]);
}

/** The names of a definition's fields; undefined where its schema does not say them. */
export async function schemaFieldsOf({ schema }: Pick<Extraction, 'schema'>): Promise<readonly string[] | undefined> {
  const { outputSchema } = await deriveSchema(schema, { dialect: 'whole' });
  const { properties } = outputSchema;
  return isJsonObject(properties) ? Object.keys(properties) : undefined;
}
