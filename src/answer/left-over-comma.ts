import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { findMissingName, partOf } from './declared-names.ts';
import { SchemaView } from './schema-view.ts';

/**
 * Names the property that may have stood behind the last comma of an answer, where nothing but closing brackets follow it: one
 * that the object lacks in which the comma was left over. The answer may have been cut off there and closed afterwards.
 * Undefined where there is no such comma, or the object has all that its schema declares.
 */
export function findMemberAfterComma(source: string, value: JsonValue, schema: JsonObject): string | undefined {
  const closers = (/,([\s}\]]*)$/.exec(source)?.[1] ?? '').replaceAll(/\s/g, '');
  if (!closers.startsWith('}')) return undefined;
  const view = SchemaView.of(schema);
  let part: Parameters<typeof partOf>[0] = { value, branches: view.branches(schema) };
  // From the outermost container, which the last bracket closes, to the one in which the comma stands.
  for (let depth = 1; depth < closers.length; depth += 1) {
    const last = Array.isArray(part.value) ? part.value.length - 1 : Object.keys(part.value ?? {}).at(-1);
    if (last === undefined) return undefined;
    part = partOf(part, last, view);
  }
  return isJsonObject(part.value) ? findMissingName(part.value, part.branches) : undefined;
}
