import type { JsonObject } from '../json/value.ts';
import { settleEarlier, settleSchema, type DialectName, type EarlierForm } from '../json-schema/settle-schema.ts';
import { GleanerError } from '../gleaner-error.ts';
import { zodFlavour } from '../zod/flavour.ts';
import { loadZodConverter, type ZodForm, type ZodSide } from '../zod/to-json-schema.ts';
import { checkZods } from './check-zods.ts';
import type { DerivedSchema } from './derived.ts';
import type { ZodSchema } from './zod-schema.ts';

/**
 * Derives the JSON Schemas of a zod schema (zod 3.25 and later, zod 4, zod/mini) and what the provider is sent of them.
 *
 * @param options.dialect who reads what is sent; default `gemini`
 * @throws {GleanerError} for schemas no model can be asked to fill: a root that is no object or has no properties,
 * recursion without an end, types that JSON lacks, two generations of zod in one schema
 */
export async function deriveSchema(
  zodSchema: ZodSchema,
  { dialect = 'gemini' }: { dialect?: DialectName } = {},
): Promise<DerivedSchema> {
  const mixed = checkZods(zodSchema);
  const convert = await loadConverter(zodSchema);
  const settled = settleSchema({ input: convert('input', 'current'), output: convert('output', 'current') }, dialect);
  return { ...settled, warnings: [...mixed, ...settled.warnings], earlier: once(() => earlierForm(convert)) };
}

/** What gleaner 0.1 made of the schema; undefined where it refused it. */
function earlierForm(convert: Convert): EarlierForm | undefined {
  try {
    return settleEarlier(convert('input', 'earlier'));
  } catch {
    return undefined;
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

type Convert = (side: ZodSide, form: ZodForm) => JsonObject;

async function loadConverter(zodSchema: ZodSchema): Promise<Convert> {
  const flavour = zodFlavour(zodSchema);
  if (flavour === undefined) {
    throw new GleanerError(
      'schema-unusable',
      'Cannot derive a JSON Schema: expected a zod schema, such as z.object({ total: z.number() })',
    );
  }
  const convert = await loadZodConverter(flavour);
  return (side, form) => {
    try {
      return convert(zodSchema, side, form);
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
      throw new GleanerError('schema-unusable', `Cannot derive a JSON Schema from the ${flavour} schema: ${reason}`, {
        cause: error,
      });
    }
  };
}
