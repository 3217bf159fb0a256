import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { literalSource, stringSource } from './literal-source.ts';
import { refuseSchema } from './refuse-schema.ts';
import { withCall, wrapCode, type ZodCode } from './zod-code.ts';

type Scalar = Exclude<JsonValue, object>;

/** Values that are listed, those left out that a `type` beside them refuses. */
export function enumCode(values: JsonValue, schema: JsonObject, path: string): ZodCode {
  if (!Array.isArray(values)) return refuseSchema(path, 'an enum is a list of values');
  const listed = values as readonly JsonValue[];
  if (listed.some((value) => isJsonObject(value) || Array.isArray(value)))
    refuseSchema(path, 'an enum holds a list or an object, and zod knows text, numbers, booleans and null there');
  const fitting = (listed as readonly Scalar[]).filter((value) => fitsType(value, schema['type']));
  const others = [...new Set(fitting)].filter((value) => value !== null);
  if (fitting.length === 0) refuseSchema(path, 'no value of the enum is of the type beside it');
  if (others.length === 0) return 'z.null()';
  const code = scalarsCode(others);
  return fitting.includes(null) ? withCall(code, '.nullable()') : code;
}

function scalarsCode(values: readonly Scalar[]): ZodCode {
  const [first = null] = values;
  if (values.length === 1) return `z.literal(${literalSource(first)})`;
  const texts = values.filter((value) => typeof value === 'string');
  if (texts.length === values.length) return `z.enum([${texts.map(stringSource).join(', ')}])`;
  const options = values.map((value) => `z.literal(${literalSource(value)})`);
  return wrapCode('z.union', [{ open: '[', parts: options, close: ']' }]);
}

function fitsType(value: Scalar, type: JsonValue | undefined): boolean {
  if (type === undefined) return true;
  const types = Array.isArray(type) ? (type as readonly JsonValue[]) : [type];
  if (value === null) return types.includes('null');
  if (typeof value !== 'number') return types.includes(typeof value);
  return types.includes('number') || (Number.isInteger(value) && types.includes('integer'));
}
