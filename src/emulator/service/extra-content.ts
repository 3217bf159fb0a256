import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';

/** What `extra_content.google` of a message or part says, as far as the emulator acts on it. */
export interface ReadExtra {
  /** Whether the text beside it is the model's thoughts: no part of the conversation proper. */
  isThought: boolean;
  /** Files of a tool's answer. */
  fileParts: number;
}

const NOTHING: ReadExtra = { isThought: false, fileParts: 0 };

/**
 * Reads and checks `extra_content`; keys it does not know are left alone.
 *
 * @returns a message naming the value that is wrong
 */
export function readExtra(owner: JsonObject, path: string): ReadExtra | string {
  const extra = owner['extra_content'];
  if (extra === undefined || extra === null) return NOTHING;
  const google = isJsonObject(extra) ? (extra['google'] ?? {}) : undefined;
  if (!isJsonObject(google)) return `Invalid value at '${path}.extra_content': expected an object with google.`;
  const { thought, thought_signature: signature, parts } = google;
  if (thought !== undefined && typeof thought !== 'boolean') {
    return `Invalid value at '${path}.extra_content.google.thought': expected true or false.`;
  }
  if (signature !== undefined && !isBase64(signature) && signature !== SIGNATURE_BYPASS) {
    return `Invalid value at '${path}.extra_content.google.thought_signature': Base64 decoding failed.`;
  }
  if (parts === undefined) return { isThought: thought === true, fileParts: 0 };
  if (!Array.isArray(parts) || !(parts as readonly JsonValue[]).every(isFilePart)) {
    return `Invalid value at '${path}.extra_content.google.parts': expected a list of file_data with mime_type and file_uri.`;
  }
  return { isThought: thought === true, fileParts: parts.length };
}

/** A stand-in for a lost signature that was seen working. */
const SIGNATURE_BYPASS = 'skip_thought_signature_validator';

function isBase64(value: JsonValue): boolean {
  return typeof value === 'string' && /^[A-Za-z0-9+/_-]*={0,2}$/.test(value);
}

function isFilePart(part: JsonValue): boolean {
  const file = isJsonObject(part) ? part['file_data'] : undefined;
  return isJsonObject(file) && typeof file['mime_type'] === 'string' && typeof file['file_uri'] === 'string';
}
