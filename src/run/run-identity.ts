import { hash } from 'node:crypto';
import type { Extraction } from '../extraction/definition.ts';
import { GleanerError } from '../gleaner-error.ts';
import { canonicalJson } from '../json/canonical.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';
import type { Manifest } from '../store/manifest.ts';

export interface IdentityParts {
  extraction: Extraction;
  model: string | undefined;
  /** The derived JSON Schema that answers are asked for with. */
  schema: JsonObject;
  idField: string | undefined;
  input: { sha256: string; bytes: number } | undefined;
  format: string;
  delimiter: string | undefined;
  isEmulated: boolean | undefined;
}

/**
 * What must be the same for a run to be continued, part by part, so that a refusal can say which part differs. What this
 * cannot see, such as a function that a prompt calls, or standard input, which has no digest before it is read, the fingerprint
 * of each answered record shows when the input is read again.
 */
export function runIdentity(parts: IdentityParts): Manifest['identity'] {
  const { extraction, model, schema, idField, input, format, delimiter } = parts;
  const id = idField ?? extraction.id ?? null;
  const identity: Record<string, JsonValue> = {
    ...shapeOf({ extraction, derived: { schema } }),
    model: model ?? null,
    instructions: digest(extraction.instructions),
    prompt: digest(String(extraction.prompt)),
    request: JSON.parse(canonicalJson(extraction.request ?? {})) as JsonValue,
    id: typeof id === 'function' ? `function ${digest(String(id))}` : id,
    format,
    delimiter: delimiter ?? null,
    ...serviceOf(parts),
    input: input === undefined ? 'standard input' : { sha256: input.sha256, bytes: input.bytes },
  };
  return identity;
}

/** The parts that decide what a result looks like. */
export function shapeOf(prepared: {
  extraction: Pick<Extraction, 'name'>;
  derived: { schema: JsonObject };
}): Manifest['identity'] {
  return { extraction: prepared.extraction.name, schema: digest(canonicalJson(prepared.derived.schema)) };
}

/** Whose answers a result is: the emulator's are no model's. */
export function serviceOf(options: { isEmulated?: boolean | undefined }): Manifest['identity'] {
  return { service: options.isEmulated === true ? 'emulator' : 'service' };
}

/**
 * Answers of the emulator and of a service never share a run directory, whatever changes are accepted.
 *
 * @throws {GleanerError} when a run was begun with the other of the two
 */
export function refuseOtherService(before: Manifest['identity'], now: Manifest['identity'], out: string): void {
  if (before['service'] === undefined || before['service'] === now['service']) return;
  throw new GleanerError(
    'service-differs',
    `Cannot continue the run in ${out}: ${describePart('service', before['service'], now['service'] ?? null)}. Use another --out directory`,
  );
}

/** Sentence parts naming what differs, such as `the model is "b" now, was "a"`. */
export function describeDifferences(
  parts: readonly string[],
  before: Manifest['identity'],
  now: Manifest['identity'],
): string {
  return parts.map((part) => describePart(part, before[part] ?? null, now[part] ?? null)).join('; ');
}

function describePart(part: string, before: JsonValue, now: JsonValue): string {
  switch (part) {
    case 'instructions':
    case 'prompt':
    case 'schema':
      return `the ${part} of the definition changed`;
    case 'request':
      return `the request settings are ${JSON.stringify(now)} now, were ${JSON.stringify(before)}`;
    case 'service':
      return now === 'emulator'
        ? 'its answers came from a service, and would come from the emulator now'
        : 'its answers came from the emulator, and would come from a service now';
    case 'input':
      return 'the input has other contents';
    case 'id':
      return `ids are taken from ${describeId(now)} now, were taken from ${describeId(before)}`;
    default:
      return `the ${part} is ${JSON.stringify(now)} now, was ${JSON.stringify(before)}`;
  }
}

function describeId(id: JsonValue): string {
  if (id === null) return 'the row number';
  return typeof id === 'string' && id.startsWith('function ') ? 'a function' : `the column ${JSON.stringify(id)}`;
}

function digest(text: string): string {
  return hash('sha256', text).slice(0, 16);
}
