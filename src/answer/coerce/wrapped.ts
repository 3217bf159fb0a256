import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { foldName } from '../fold-name.ts';

type Properties = Readonly<Record<string, JsonObject>>;

/** What stands beside `properties` where a model answers with the schema and has filled it in. */
const SCHEMA_WORDS: ReadonlySet<string> = new Set(
  '$schema title description type properties required additionalProperties'.split(' '),
);

const TYPES: ReadonlySet<string> = new Set('string number integer boolean null array object'.split(' '));

/**
 * The objects that may be the answer within one that is not: the one member of it, the arguments of a function, or the properties
 * of a schema that was filled in. What stands beside them must say nothing.
 */
export function wrappedObjects(value: JsonObject, properties: Properties): JsonObject[] {
  return [onlyMember(value, properties), argumentsOf(value, properties), filledSchema(value, properties)].filter(
    (inner) => inner !== undefined && holdsAny(inner, properties),
  ) as JsonObject[];
}

function onlyMember(value: JsonObject, properties: Properties): JsonObject | undefined {
  const [key, ...others] = Object.keys(value);
  if (key === undefined || others.length > 0 || Object.hasOwn(properties, key)) return undefined;
  const inner = value[key];
  return isJsonObject(inner) ? inner : undefined;
}

function argumentsOf(value: JsonObject, properties: Properties): JsonObject | undefined {
  const { name, arguments: inner } = value;
  const isCall = Object.keys(value).length === 2 && typeof name === 'string' && isJsonObject(inner);
  return isCall && !Object.hasOwn(properties, 'name') && !Object.hasOwn(properties, 'arguments') ? inner : undefined;
}

function filledSchema(value: JsonObject, properties: Properties): JsonObject | undefined {
  const { type, properties: inner } = value;
  if (type !== 'object' || !isJsonObject(inner) || Object.hasOwn(properties, 'properties')) return undefined;
  const isFilled = !Object.values(inner).some((member) => isJsonObject(member) && isSchema(member));
  return isFilled && Object.keys(value).every((key) => SCHEMA_WORDS.has(key)) ? inner : undefined;
}

function isSchema({ type, ...rest }: JsonObject): boolean {
  return TYPES.has(String(type)) || '$ref' in rest || 'anyOf' in rest || 'enum' in rest;
}

/** The text that stands alone in an object, or is the arguments of a function: it may be the answer, written as JSON once more. */
export function wrappedText(value: JsonObject, properties: Properties): string | undefined {
  const { name, arguments: given } = value;
  const isCall = Object.keys(value).length === 2 && typeof name === 'string' && typeof given === 'string';
  if (isCall && !Object.hasOwn(properties, 'name') && !Object.hasOwn(properties, 'arguments')) return given;
  const [key, ...others] = Object.keys(value);
  if (key === undefined || others.length > 0 || Object.hasOwn(properties, key)) return undefined;
  const inner = value[key];
  return typeof inner === 'string' && inner.trim().startsWith('{') ? inner : undefined;
}

/** An object without any of them would leave nothing, or be another layer, of which the one inside is to be judged. */
function holdsAny(inner: JsonObject, properties: Properties): boolean {
  const keys = Object.keys(inner);
  const forms = new Set(Object.keys(properties).map(foldName));
  return keys.some((key) => forms.has(foldName(key))) || (keys.length === 1 && isJsonObject(inner[keys[0] ?? '']));
}

/** The value of an object whose one member is called `value`, or like the property that it stands at. */
export function wrappedBy(value: JsonValue, name: string, properties: Properties): JsonValue | undefined {
  if (!isJsonObject(value)) return undefined;
  const [key, ...others] = Object.keys(value);
  if (key === undefined || others.length > 0 || Object.hasOwn(properties, key)) return undefined;
  return key === 'value' || key === name ? value[key] : undefined;
}
