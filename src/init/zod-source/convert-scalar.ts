import type { JsonObject, JsonValue } from '../../json/value.ts';
import { numberSource } from './literal-source.ts';
import type { SchemaConversion } from './schema-to-zod.ts';
import type { ZodCode } from './zod-code.ts';
import { zodWord, type ZodWord } from './zod-words.ts';

const FORMATS: ReadonlyMap<JsonValue, ZodWord> = new Map([
  ['date', 'date'],
  ['time', 'time'],
  ['date-time', 'datetime'],
  ['duration', 'duration'],
  ['email', 'email'],
  ['uri', 'url'],
  ['uuid', 'uuid'],
]);

export function convertString(schema: JsonObject, path: string, conversion: SchemaConversion): ZodCode {
  const { format, pattern } = schema;
  const word = format === undefined ? undefined : FORMATS.get(format);
  if (word !== undefined)
    conversion.note(path, `zod checks the format ${String(format)}, which JSON Schema may leave open`);
  else if (format !== undefined)
    conversion.note(path, `zod has no word for the format ${JSON.stringify(format)}, which is left out`);
  const code = word === undefined ? 'z.string()' : zodWord(word, conversion.zod);
  const regex = typeof pattern === 'string' ? regexSource(pattern) : undefined;
  if (pattern !== undefined && regex === undefined)
    conversion.note(path, 'its pattern is no regular expression, and is left out');
  return [
    code,
    call('min', schema['minLength']),
    call('max', schema['maxLength']),
    regex === undefined ? '' : `.regex(${regex})`,
  ].join('');
}

export function convertNumber(schema: JsonObject, base: 'integer' | 'z.number()', { zod }: SchemaConversion): ZodCode {
  // In draft 4 these are booleans beside minimum and maximum.
  const strict = (name: string): boolean => schema[name] === true;
  return [
    base === 'integer' ? zodWord('integer', zod) : base,
    call(strict('exclusiveMinimum') ? 'gt' : 'min', schema['minimum']),
    call(strict('exclusiveMaximum') ? 'lt' : 'max', schema['maximum']),
    call('gt', schema['exclusiveMinimum']),
    call('lt', schema['exclusiveMaximum']),
    call('multipleOf', schema['multipleOf']),
  ].join('');
}

function call(name: string, value: JsonValue | undefined): string {
  return typeof value === 'number' ? `.${name}(${numberSource(value)})` : '';
}

/** JSON Schema's patterns are meant to be read with the flag u; those that cannot be are read without. */
function regexSource(pattern: string): string | undefined {
  for (const flags of ['u', '']) {
    try {
      return `/${new RegExp(pattern, flags).source}/${flags}`;
    } catch {
      continue;
    }
  }
  return undefined;
}
