import { pointerToken } from '../../json/pointer.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { refuseSchema } from './refuse-schema.ts';
import type { SchemaConversion } from './schema-to-zod.ts';
import { objectCode, printZod, withCall, wrapCode, type ZodCode, type ZodMember } from './zod-code.ts';

const UNSAID = [
  'patternProperties',
  'propertyNames',
  'minProperties',
  'maxProperties',
  'dependencies',
  'dependentRequired',
  'dependentSchemas',
];

export function convertObject(schema: JsonObject, path: string, conversion: SchemaConversion): ZodCode {
  conversion.noteUnsaid(schema, path, UNSAID);
  const { properties = {}, additionalProperties: others, required } = schema;
  if (!isJsonObject(properties)) return refuseSchema(path, 'properties must be an object');
  const names = Object.keys(properties);
  const demanded = Array.isArray(required) ? (required as readonly JsonValue[]) : [];
  const unknown = demanded.filter((name) => typeof name !== 'string' || !names.includes(name));
  for (const name of unknown)
    conversion.note(path, `${JSON.stringify(name)} is required, and no property; that is left out`);
  const otherCode = isJsonObject(others) ? conversion.convert(others, `${path}/additionalProperties`) : undefined;
  if (names.length === 0 && others !== false) return wrapCode('z.record', ['z.string()', otherCode ?? 'z.any()']);
  const members = names.map((name): ZodMember => {
    const place = `${path}/properties/${pointerToken(name)}`;
    if (name === '__proto__') refuseSchema(place, 'JavaScript takes the name __proto__ for something else');
    const { code, isLazy } = conversion.convertLazily(properties[name] ?? true, place);
    return { key: name, value: demanded.includes(name) ? code : withCall(code, '.optional()'), isLazy };
  });
  const isClosed = others === false;
  const object = objectCode(members, isClosed && conversion.zod === 4 ? 'z.strictObject(' : 'z.object(');
  if (isClosed) return conversion.zod === 3 ? withCall(object, '.strict()') : object;
  return otherCode === undefined ? object : withCall(object, `.catchall(${printZod(otherCode, 1)})`);
}
