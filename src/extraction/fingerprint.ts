import { hash } from 'node:crypto';
import type { ChatMessage } from '../completion/request.ts';
import { VERTEX_AI } from '../completion/service.ts';
import { canonicalJson } from '../json/canonical.ts';
import type { JsonValue } from '../json/value.ts';
import type { DerivedSchema } from '../schema/derived.ts';
import type { RequestSettings } from './definition.ts';

export interface FingerprintParts {
  model: string | undefined;
  /** The schema answers are asked with, in full; an answer of a narrower one is not the same answer. */
  derived: Pick<DerivedSchema, 'identity' | 'earlier'>;
  request: RequestSettings | undefined;
  tools?: readonly FingerprintTool[];
  /** Name of the service that answers: one's answers never pass for another's, the emulator's never for a model's. */
  service: string;
  /** What of the strategy decides answers: its stages, their models. Absent for the plain one. */
  strategy?: JsonValue | undefined;
}

export interface FingerprintTool {
  name: string;
  description: string;
  parameters: Pick<DerivedSchema, 'identity' | 'earlier'>;
  /** The source of its handler: what it gives back decides how the model goes on. */
  handler: string;
}

/** How the records of an extraction are known again. */
export interface Fingerprints {
  /** Lower-case hex over everything that decides an answer. `messagesJson`: how the messages are written as JSON, where that is known. */
  current(messages: ChatMessage[], messagesJson?: string): string;
  /**
   * What gleaner 0.1 had for the same, newest first; to be asked for only where the current one was looked up in vain. It depended on
   * the spelling of a version of zod.
   */
  earlier(messages: ChatMessage[]): readonly string[];
}

/** 128 bits: far beyond the odds of two records meeting by chance, and half the bytes in every line. */
const FINGERPRINT_LENGTH = 32;

/** Prepares the fingerprints of an extraction's records. The parts that all records share are hashed once. */
export function compileFingerprint(parts: FingerprintParts): Fingerprints {
  const { derived, tools = [] } = parts;
  const toolIdentities = tools.map(({ name, description, parameters, handler }) => [
    name,
    description,
    parameters.identity,
    handler.replaceAll(/\s+/g, ' '),
  ]);
  const shared = hash('sha256', `2\n${sharedParts(parts, derived.identity, toolIdentities)}`);
  let earlier: { shared: string | undefined } | undefined;
  return {
    current: (messages, messagesJson) => fingerprintOf(shared, messages, messagesJson),
    earlier: (messages) => {
      earlier ??= { shared: earlierParts(parts) };
      return earlier.shared === undefined ? [] : [fingerprintOf(earlier.shared, messages)];
    },
  };
}

function fingerprintOf(shared: string, messages: ChatMessage[], messagesJson = JSON.stringify(messages)): string {
  return hash('sha256', `${shared}\n${messagesJson}`).slice(0, FINGERPRINT_LENGTH);
}

function sharedParts(parts: FingerprintParts, schema: JsonValue, tools: readonly JsonValue[]): string {
  const { model = null, request = {}, service, strategy } = parts;
  // Vertex AI was the only service when fingerprints began, so its own stay without a mark.
  const marks = service === VERTEX_AI ? [] : [service];
  return canonicalJson([
    model,
    schema,
    request,
    ...(tools.length === 0 ? [] : [tools]),
    ...marks,
    ...(strategy === undefined ? [] : [{ strategy }]),
  ]);
}

/** The hash of the shared parts as gleaner 0.1 made it; undefined where it refused the schema. */
function earlierParts(parts: FingerprintParts): string | undefined {
  const derived = parts.derived.earlier();
  if (derived === undefined) return undefined;
  const tools: JsonValue[] = [];
  for (const { name, description, parameters } of parts.tools ?? []) {
    const earlier = parameters.earlier();
    if (earlier === undefined) return undefined;
    tools.push({ type: 'function', function: { name, description, parameters: earlier.provider } });
  }
  return hash('sha256', `${sharedParts(parts, derived.schema, tools)}\n${JSON.stringify(derived.provider)}`);
}
