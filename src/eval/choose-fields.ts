import type { Extraction } from '../extraction/definition.ts';
import { GleanerError } from '../gleaner-error.ts';
import { nearestName } from '../text/nearest-name.ts';
import { schemaFieldsOf } from './comparators-for.ts';
import type { Gold } from './read-gold.ts';

export interface ChosenFields {
  /** What is compared. */
  fields: readonly string[];
  /** Columns of the gold that are no fields of the schema, such as the text that was extracted from. */
  ignored: readonly string[];
  /** Columns that may be misspelt. */
  doubts: readonly string[];
}

/**
 * Names the columns that nothing answers and whose name is nearly that of a field that the gold lacks. They may be meant for it, and are not compared
 * with it; or they are columns of their own, so that this is no ground to refuse the gold.
 */
export function doubtfulColumns(
  columns: readonly string[],
  answered: Iterable<string>,
  { gold, whose }: { gold: Gold; whose: string },
): string[] {
  const lacking = [...answered].filter((field) => !gold.fields.includes(field));
  return columns.flatMap((column) => {
    const field = nearestName(column, lacking);
    if (field === undefined) return [];
    return [
      `${whose} no field "${column}", and the gold no "${field}", which is not compared; if that is meant, rename the column`,
    ];
  });
}

/**
 * Chooses the fields to compare: those that are named, else all of the gold; where a definition is known, those that its schema has.
 *
 * @throws {GleanerError} for a field that the gold does not have, and where nothing is left
 */
export async function chooseFields(
  gold: Gold,
  path: string,
  options: { fields?: readonly string[] | undefined; extraction?: Pick<Extraction, 'schema'> | undefined },
): Promise<ChosenFields> {
  const { fields: wanted, extraction } = options;
  if (wanted?.length === 0)
    throw new GleanerError('option-invalid', `Cannot compare no fields: name some of ${gold.fields.join(', ')}`);
  for (const field of wanted ?? []) {
    if (gold.fields.includes(field)) continue;
    const nearest = nearestName(field, gold.fields);
    const hint = nearest === undefined ? `it has ${gold.fields.join(', ')}` : `did you mean "${nearest}"?`;
    throw new GleanerError(
      'option-invalid',
      `Cannot compare the field "${field}": ${path} has none of that name; ${hint}`,
    );
  }
  if (wanted !== undefined) return { fields: wanted, ignored: [], doubts: [] };
  const known = extraction === undefined ? undefined : await schemaFieldsOf(extraction);
  if (known === undefined) return { fields: gold.fields, ignored: [], doubts: [] };
  const fields = gold.fields.filter((field) => known.includes(field));
  if (fields.length === 0) {
    throw new GleanerError(
      'gold-unusable',
      `Cannot use ${path} as gold: none of its fields (${gold.fields.join(', ')}) is one of the schema (${known.join(', ')})`,
    );
  }
  const ignored = gold.fields.filter((field) => !known.includes(field));
  return { fields, ignored, doubts: doubtfulColumns(ignored, known, { gold, whose: 'The schema has' }) };
}
