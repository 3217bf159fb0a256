import { createHash } from 'node:crypto';
import { isJsonObject, type JsonValue } from '../json/value.ts';

/**
 * Lists what the turns of a native request say: texts and addresses of files, in order. Batch jobs echo a request in another form (keys
 * in another order, nulls added), but these as they were sent, so they tell whose answer a line holds.
 */
export function listTexts(request: unknown): SaidText[] {
  const said: SaidText[] = [];
  const contents = isJsonObject(request) ? request['contents'] : undefined;
  for (const content of listOf(contents)) {
    const parts = isJsonObject(content) ? content['parts'] : undefined;
    for (const part of listOf(parts)) {
      if (!isJsonObject(part)) continue;
      const file = isJsonObject(part['fileData']) ? part['fileData'] : part['file_data'];
      const uri = isJsonObject(file) ? (file['fileUri'] ?? file['file_uri']) : undefined;
      if (typeof part['text'] === 'string') said.push({ kind: 't', value: part['text'] });
      if (typeof uri === 'string') said.push({ kind: 'f', value: uri });
    }
  }
  return said;
}

/** A text, or the address of a file. */
export interface SaidText {
  kind: 't' | 'f';
  value: string;
}

/** Hashes such texts, in order. */
export function digestTexts(texts: readonly SaidText[]): string {
  const hash = createHash('sha256');
  for (const { kind, value } of texts) hash.update(`${kind}${value}\0`);
  return hash.digest('base64url').slice(0, 22);
}

function listOf(value: unknown): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}
