import type { Extraction } from '../extraction/definition.ts';
import { isJsonObject } from '../json/value.ts';
import { deriveSchema } from '../schema/derive.ts';
import type { Comparator } from './comparator.ts';
import type { Comparators } from './compare-record.ts';
import { comparatorsOf } from './schema-comparators.ts';

/** The comparators of a definition: its schema's, and before them its own. None without a definition: the values decide. */
export async function comparatorsFor(
  extraction: Pick<Extraction, 'schema' | 'evaluate'> | undefined,
): Promise<Comparators> {
  const comparators = new Map<string, Comparator>();
  if (extraction === undefined) return comparators;
  const { outputSchema } = await deriveSchema(extraction.schema, { dialect: 'whole' });
  for (const [field, comparator] of comparatorsOf(outputSchema)) comparators.set(field, comparator);
  for (const [field, comparator] of Object.entries(extraction.evaluate ?? {})) comparators.set(field, comparator);
  return comparators;
}

/** The names of a definition's fields; undefined where its schema does not say them. */
export async function schemaFieldsOf({ schema }: Pick<Extraction, 'schema'>): Promise<readonly string[] | undefined> {
  const { outputSchema } = await deriveSchema(schema, { dialect: 'whole' });
  const { properties } = outputSchema;
  return isJsonObject(properties) ? Object.keys(properties) : undefined;
}
