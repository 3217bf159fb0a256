import { pointerTokens } from '../json/pointer.ts';
import type { JsonObject } from '../json/value.ts';
import { partOf } from './declared-names.ts';
import { SchemaView } from './schema-view.ts';

/**
 * How many characters of a text, as JSON writes it, tell it from all other members that the schema lets stand in its place: its end and the
 * quotation mark where another one begins like it. Undefined where the place takes no closed set of texts, or one text only.
 */
export function choiceLength(written: string, path: string, schema: JsonObject): number | undefined {
  const others = membersAt(path, schema)?.map((member) => JSON.stringify(member).slice(1, -1));
  if (others === undefined || others.length < 2 || !others.includes(written)) return undefined;
  const rivals = others.filter((other) => other !== written);
  for (let length = 1; length <= written.length; length += 1) {
    const beginning = written.slice(0, length);
    if (!rivals.some((other) => other.startsWith(beginning))) return length;
  }
  return written.length + 1;
}

/** The texts that a place of an answer may have, where they are a closed set; null aside. */
function membersAt(path: string, schema: JsonObject): string[] | undefined {
  const view = SchemaView.of(schema);
  let part: Parameters<typeof partOf>[0] = { value: undefined, branches: view.branches(schema) };
  for (const token of pointerTokens(path)) {
    const isItem = part.branches.some(({ items, prefixItems }) => items !== undefined || prefixItems !== undefined);
    part = partOf({ value: {}, branches: part.branches }, isItem ? Number(token) : token, view);
  }
  const members = new Set<string>();
  for (const { enum: several, const: only, type } of part.branches) {
    if (type === 'null') continue;
    const own = Array.isArray(several) ? several : [only];
    for (const member of own) {
      if (member === null) continue;
      if (typeof member !== 'string') return undefined;
      members.add(member);
    }
  }
  return members.size === 0 ? undefined : [...members];
}
