import { createHash } from 'node:crypto';
import { isJsonObject, type JsonValue } from '../json/value.ts';

/**
 * Hashes what the turns of a native request say: texts and addresses of files, in order. Batch jobs echo a request in another form (keys
 * in another order, nulls added), but these as they were sent, so this tells whose answer a line holds.
 */
export function digestTexts(request: unknown): string {
  const hash = createHash('sha256');
  const contents = isJsonObject(request) ? request['contents'] : undefined;
  for (const content of listOf(contents)) {
    const parts = isJsonObject(content) ? content['parts'] : undefined;
    for (const part of listOf(parts)) {
      if (!isJsonObject(part)) continue;
      const file = isJsonObject(part['fileData']) ? part['fileData'] : part['file_data'];
      const uri = isJsonObject(file) ? (file['fileUri'] ?? file['file_uri']) : undefined;
      if (typeof part['text'] === 'string') hash.update(`t${part['text']}\0`);
      if (typeof uri === 'string') hash.update(`f${uri}\0`);
    }
  }
  return hash.digest('base64url').slice(0, 22);
}

function listOf(value: unknown): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}
