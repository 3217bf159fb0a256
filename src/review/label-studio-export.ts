import { readFileSync } from 'node:fs';
import { describeSystemError } from '../files/system-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';

/** What somebody wrote into one text area. */
export interface ImportedLabel {
  id: string;
  path: string;
  text: string;
  by: string;
  at: string | undefined;
}

/**
 * Reads the JSON export of Label Studio: the text areas of annotations that were not cancelled. Of several annotations of a task the last
 * one counts.
 *
 * @throws {GleanerError} when the file cannot be read, or is no such export
 */
export function readLabelStudioExport(path: string): ImportedLabel[] {
  let tasks: unknown;
  try {
    tasks = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'it is no JSON' : describeSystemError(error);
    throw new GleanerError('input-unreadable', `Cannot read ${path}: ${reason}`, { cause: error });
  }
  if (!Array.isArray(tasks)) {
    throw new GleanerError(
      'input-unreadable',
      `Cannot read ${path}: it must be the JSON export of Label Studio, a list of tasks`,
    );
  }
  if (tasks.length > 0 && !tasks.some(isTask)) {
    throw new GleanerError(
      'input-unreadable',
      `Cannot read ${path}: none of its ${tasks.length} tasks has the id of a record as data.id; export as JSON, not JSON-MIN, what the export for Label Studio has written`,
    );
  }
  return tasks.filter(isJsonObject).flatMap(labelsOf);
}

function isTask(task: unknown): boolean {
  const id = isJsonObject(task) && isJsonObject(task['data']) ? task['data']['id'] : undefined;
  return typeof id === 'string' || typeof id === 'number';
}

function labelsOf(task: JsonObject): ImportedLabel[] {
  const id = isJsonObject(task['data']) ? task['data']['id'] : undefined;
  if (typeof id !== 'string' && typeof id !== 'number') return [];
  const annotation = objectsIn(task['annotations']).findLast((one) => one['was_cancelled'] !== true);
  if (annotation === undefined) return [];
  const { completed_by: person, updated_at: updated, created_at: created } = annotation;
  return objectsIn(annotation['result']).flatMap(({ type, from_name: control, value }) => {
    const texts = isJsonObject(value) ? value['text'] : undefined;
    const text = Array.isArray(texts) ? (texts as JsonValue[]).at(-1) : texts;
    if (type !== 'textarea' || typeof control !== 'string' || typeof text !== 'string') return [];
    const time = updated ?? created;
    const at = typeof time === 'string' && !Number.isNaN(Date.parse(time)) ? new Date(time).toISOString() : undefined;
    return [{ id: String(id), path: `/${control.replaceAll('.', '/')}`, text, by: nameOf(person), at }];
  });
}

function objectsIn(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter((one: JsonValue) => isJsonObject(one)) : [];
}

function nameOf(person: JsonValue | undefined): string {
  if (isJsonObject(person)) return String(person['email'] ?? person['id'] ?? 'Label Studio');
  return person === undefined || person === null ? 'Label Studio' : `Label Studio ${String(person)}`;
}
