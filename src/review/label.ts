import type { JsonObject, JsonValue } from '../json/value.ts';
import { isJsonObject } from '../json/value.ts';
import { withValueAt } from '../json/at-pointer.ts';

/** A line of labels.jsonl: what a person says a value should be. A path of '' is the whole of a record, which was looked at. */
export interface Label {
  id: string;
  /** JSON pointer into the result's data. */
  path: string;
  value: JsonValue;
  /** Who said it. */
  by: string;
  /** When, ISO 8601. */
  at: string;
}

export function isLabel(value: unknown): value is Label {
  if (!isJsonObject(value)) return false;
  const { id, path, by, at } = value;
  const isText = [id, path, by, at].every((member) => typeof member === 'string');
  return isText && value['value'] !== undefined && (path === '' || String(path).startsWith('/'));
}

/** The data with labels put in, the later ones over the earlier. A label whose place is no longer there changes nothing. */
export function applyLabels(data: JsonValue, labels: readonly Pick<Label, 'path' | 'value'>[]): JsonValue {
  let labelled = data;
  for (const { path, value } of labels) labelled = withValueAt(labelled, path, value) ?? labelled;
  return labelled;
}

/** A label that its record's later labels do not put another value over. */
export function isInForce(label: Pick<Label, 'path'>, later: readonly Pick<Label, 'path'>[]): boolean {
  return !later.some(({ path }) => label.path === path || label.path.startsWith(`${path}/`));
}

/** What a request to label something must hold. */
export type LabelRequest =
  | { id: string; accept: true }
  | { id: string; path: string; value: JsonValue }
  | { id: string; path: string; text: string };

/** @returns undefined for anything else */
export function readLabelRequest(body: JsonValue): LabelRequest | undefined {
  if (!isJsonObject(body)) return undefined;
  const { id, path, value, text, accept }: JsonObject = body;
  if (typeof id !== 'string' || id === '') return undefined;
  if (accept === true) return { id, accept };
  if (typeof path !== 'string' || (path !== '' && !path.startsWith('/'))) return undefined;
  if (typeof text === 'string') return { id, path, text };
  return value === undefined ? undefined : { id, path, value };
}
