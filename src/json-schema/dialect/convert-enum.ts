import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { ANNOTATION_KEYWORDS } from '../keywords-of-type.ts';
import type { Conversion } from './conversion.ts';
import { joinBranches, onlyAnnotations } from './convert-union.ts';
import { listValues, type MutableSchema } from './words.ts';

/** Converts listed values. Only strings may be listed in both dialects: numbers become a range, the rest a type and words. */
export function convertEnum(
  conversion: Conversion,
  schema: JsonObject,
  values: readonly JsonValue[],
  path: string,
): MutableSchema | undefined {
  const { enum: _, type, ...rest } = schema;
  const types = type === undefined ? undefined : [type].flat();
  const allowed = values.filter((value) => types === undefined || types.some((name) => hasType(value, name)));
  const strings = [...new Set(allowed.filter((value) => typeof value === 'string'))];
  const numbers = allowed.filter((value) => typeof value === 'number');
  const booleans = [...new Set(allowed.filter((value) => typeof value === 'boolean'))];

  const branches: MutableSchema[] = [];
  if (strings.length > 0) branches.push(listStrings(conversion, strings, path));
  if (numbers.length > 0) branches.push(rangeOf(conversion, numbers, path));
  if (booleans.length > 1) branches.push({ type: 'boolean' });
  else if (booleans.length === 1) {
    const only = conversion.describe(path, 'enum', `always ${String(booleans[0])}`);
    branches.push({ type: 'boolean', description: only });
  }
  if (allowed.includes(null)) branches.push({ type: 'null' });
  if (allowed.some((value) => typeof value === 'object' && value !== null)) {
    // Objects and arrays cannot be listed at all; zod has no way to write such a type.
    conversion.lose(path, 'enum', 'dropped', 'only strings can be listed; this place is left open');
    branches.push({});
  }
  for (const keyword of Object.keys(rest)) {
    if (ANNOTATION_KEYWORDS.has(keyword)) continue;
    conversion.lose(path, keyword, 'dropped', 'the listed values stand for it');
  }
  return joinBranches(conversion, branches, onlyAnnotations(rest), path);
}

/** Without its empty string a list would keep the model from saying what the schema takes, so none is sent then. */
function listStrings(conversion: Conversion, strings: readonly string[], path: string): MutableSchema {
  if (conversion.dialect.listsEmptyString || !strings.includes('')) return { type: 'string', enum: strings };
  const words = `one of ${listValues(strings)}`;
  conversion.lose(path, 'enum', 'described', `an empty string cannot be listed: "${words}" in the description`);
  return { type: 'string', description: words };
}

function rangeOf(conversion: Conversion, numbers: readonly number[], path: string): MutableSchema {
  const listed = isRange(numbers) ? undefined : `one of ${listValues(numbers)}`;
  conversion.lose(
    path,
    'enum',
    listed === undefined ? 'rewritten' : 'described',
    `numbers cannot be listed: a range is sent${listed === undefined ? '' : `, with "${listed}" in the description`}`,
  );
  return {
    type: numbers.every((value) => Number.isInteger(value)) ? 'integer' : 'number',
    minimum: Math.min(...numbers),
    maximum: Math.max(...numbers),
    ...(listed === undefined ? {} : { description: listed }),
  };
}

/** Whether the numbers are whole and without a gap, so that their bounds say all. */
function isRange(numbers: readonly number[]): boolean {
  const distinct = new Set(numbers);
  return (
    numbers.every((value) => Number.isInteger(value)) &&
    Math.max(...numbers) - Math.min(...numbers) === distinct.size - 1
  );
}

function hasType(value: JsonValue, type: JsonValue): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isJsonObject(value);
    default:
      return typeof value === type;
  }
}
