import { hash } from 'node:crypto';
import type { ChatMessage, Tool } from '../completion/request.ts';
import { VERTEX_AI } from '../completion/service.ts';
import { canonicalJson } from '../json/canonical.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';
import type { RequestSettings } from './definition.ts';

export interface FingerprintParts {
  model: string | undefined;
  /** The schema answers are asked with, in full; an answer of a narrower one is not the same answer. */
  schema: JsonObject;
  providerSchema: JsonObject;
  request: RequestSettings | undefined;
  tools?: readonly Tool[];
  /** Name of the service that answers: one's answers never pass for another's, the emulator's never for a model's. */
  service: string;
  /** What of the strategy decides answers: its stages, their models. Absent for the plain one. */
  strategy?: JsonValue | undefined;
}

/** 128 bits: far beyond the odds of two records meeting by chance, and half the bytes in every line. */
const fingerprintLength = 32;

/**
 * Prepares the fingerprint of an extraction's records: lower-case hex over everything that decides an answer. The parts
 * that all records share are hashed once.
 */
export function compileFingerprint(parts: FingerprintParts): (messages: ChatMessage[]) => string {
  const { model = null, schema, providerSchema, request = {}, tools = [], service, strategy } = parts;
  // Vertex AI was the only service when fingerprints began, so its own stay as they were.
  const marks = service === VERTEX_AI ? [] : [service];
  // Property order decides in which order a model writes, so the provider's schema is taken as it is sent.
  const shared = hash(
    'sha256',
    `${canonicalJson([model, schema, request, ...(tools.length === 0 ? [] : [tools]), ...marks, ...(strategy === undefined ? [] : [{ strategy }])])}\n${JSON.stringify(providerSchema)}`,
  );
  return (messages) => hash('sha256', `${shared}\n${JSON.stringify(messages)}`).slice(0, fingerprintLength);
}
