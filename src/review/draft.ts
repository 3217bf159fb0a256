import { parseAnswer } from '../answer/parse-answer.ts';
import { pointerToken } from '../json/pointer.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { schemasAt } from '../evidence/value-leaves.ts';
import { fits, typesAt } from './value-types.ts';

/** Objects within objects that are drafted; a schema may hold itself. */
const MAX_DEPTH = 5;

/**
 * What a rejected record is labelled from: every field that the schema has, empty, but for what the rejected answer says in a form that
 * the schema takes. Null where neither says anything.
 */
export function draftOf(schema: JsonObject | undefined, answer: JsonValue | undefined): JsonValue {
  const read = typeof answer === 'string' ? parseAnswer(answer, { schema }) : undefined;
  const said = read?.ok === true ? (read.value as JsonValue) : undefined;
  if (schema === undefined) return isJsonObject(said) ? said : null;
  return draftAt(schema, '', said) ?? null;
}

/** A draft as it is accepted: fields that need not be there, and that nobody filled in, are left out. */
export function finishDraft(schema: JsonObject | undefined, value: JsonValue, path = ''): JsonValue {
  if (schema === undefined || !isJsonObject(value)) return value;
  const required = new Set(
    schemasAt(schema, path).flatMap(({ required: names }) => (Array.isArray(names) ? (names as string[]) : [])),
  );
  const members = Object.entries(value).flatMap(([name, member = null]): [string, JsonValue][] => {
    const place = `${path}/${pointerToken(name)}`;
    const isLeftOut = member === null && !required.has(name) && !fits(null, typesAt(schema, place));
    return isLeftOut ? [] : [[name, finishDraft(schema, member, place)]];
  });
  return Object.fromEntries(members);
}

function draftAt(schema: JsonObject, path: string, said: JsonValue | undefined): JsonValue | undefined {
  const types = typesAt(schema, path);
  const names = namesAt(schema, path);
  if (names.length > 0 && path.split('/').length <= MAX_DEPTH) {
    const given: JsonObject = isJsonObject(said) ? said : {};
    return Object.fromEntries(
      names.map((name) => [name, draftAt(schema, `${path}/${pointerToken(name)}`, ownOf(given, name)) ?? null]),
    );
  }
  if (said !== undefined && fits(said, types)) return said;
  return types.includes('array') && !types.includes('null') ? [] : null;
}

function namesAt(schema: JsonObject, path: string): string[] {
  const properties = schemasAt(schema, path).flatMap(({ properties: own }) =>
    isJsonObject(own) ? Object.keys(own) : [],
  );
  return [...new Set(properties)];
}

function ownOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
