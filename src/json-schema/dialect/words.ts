import type { JsonObject, JsonValue } from '../../json/value.ts';

export type MutableSchema = Record<string, JsonValue | undefined>;

const LONGEST_LIST = 20;

/** Puts title and description in front of what was put into words. */
export function annotated(sent: MutableSchema, schema: JsonObject, words: readonly string[]): MutableSchema {
  const texts = [schema['title'], schema['description']].filter((text) => typeof text === 'string' && text !== '');
  return addWords(sent, words, texts.join(': '));
}

/** Adds short words in parentheses after a description, or as the description; in place. */
export function addWords(schema: MutableSchema, words: readonly string[], lead = ''): MutableSchema {
  const present = typeof schema['description'] === 'string' ? [schema['description']] : [];
  const all = [...(lead === '' ? [] : present), ...words];
  const text = lead === '' ? (present[0] ?? '') : lead;
  const extra = all.join('; ');
  const description = text === '' ? extra : extra === '' ? text : `${text} (${extra})`;
  if (description !== '') schema['description'] = description;
  return schema;
}

export function counted(value: unknown, noun: string): string {
  return `${String(value)} ${noun}${value === 1 ? '' : 's'}`;
}

export function listValues(values: readonly JsonValue[]): string {
  const shown = values.slice(0, LONGEST_LIST).map((value) => JSON.stringify(value));
  return `${shown.join(', ')}${values.length > shown.length ? ', …' : ''}`;
}

/** Names a tuple's position in a few words. */
export function shortName(schema: JsonObject): string {
  const { description, type } = schema;
  if (typeof description === 'string') return description;
  if (Array.isArray(schema['enum'])) return listValues(schema['enum'] as readonly JsonValue[]);
  if (typeof type === 'string') return type;
  const branches = schema['anyOf'];
  if (Array.isArray(branches)) return (branches as JsonObject[]).map((branch) => shortName(branch)).join(' or ');
  return 'any value';
}
