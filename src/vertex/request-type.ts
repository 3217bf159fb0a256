import { GleanerError } from '../gleaner-error.ts';

/**
 * The consumption option of calls, as Vertex AI's documentation names them: `dedicated` is Provisioned Throughput only,
 * `shared` bypasses it, `priority` and `flex` are Priority PayGo and Flex PayGo for what Provisioned Throughput does not
 * take.
 */
export type RequestType = (typeof requestTypes)[number];

export const requestTypes = ['dedicated', 'shared', 'priority', 'flex'] as const;

const TYPE_HEADER = 'X-Vertex-AI-LLM-Request-Type';
const SHARED_TYPE_HEADER = 'X-Vertex-AI-LLM-Shared-Request-Type';

/** The dearer consumption options that a list of headers asks for, as `usage` names them. */
export function trafficTypesOf(headers: readonly string[]): string[] {
  const isPriority = headers.some(
    (name, index) =>
      index % 2 === 0 &&
      name.toLowerCase() === SHARED_TYPE_HEADER.toLowerCase() &&
      headers[index + 1]?.trim().toLowerCase() === 'priority',
  );
  return isPriority ? ['ON_DEMAND_PRIORITY'] : [];
}

/** Flex calls may take up to 30 minutes on the server. */
const MAX_SERVER_TIMEOUT_SECONDS = 1800;

/**
 * The documented headers of a consumption option, or of `shared` together with `priority` or `flex`, which leaves
 * Provisioned Throughput alone.
 *
 * @throws {GleanerError} for types that exclude each other
 */
export function requestTypeHeaders(
  type: RequestType | readonly RequestType[] | undefined,
  timeoutMs: number,
): Record<string, string> {
  const types = new Set(type === undefined ? [] : typeof type === 'string' ? [type] : type);
  for (const name of types) {
    if (!requestTypes.includes(name)) {
      throw new GleanerError(
        'option-invalid',
        `Cannot use the request type ${JSON.stringify(name)}: give ${requestTypes.join(', ')}`,
      );
    }
  }
  if ((types.has('dedicated') && types.size > 1) || (types.has('priority') && types.has('flex'))) {
    throw new GleanerError(
      'option-invalid',
      `Cannot use the request types ${[...types].join(' and ')} together: only shared goes with priority or flex`,
    );
  }
  const headers: Record<string, string> = {};
  if (types.has('dedicated')) headers[TYPE_HEADER] = 'dedicated';
  if (types.has('shared')) headers[TYPE_HEADER] = 'shared';
  if (types.has('priority')) headers[SHARED_TYPE_HEADER] = 'priority';
  if (types.has('flex')) {
    headers[SHARED_TYPE_HEADER] = 'flex';
    headers['X-Server-Timeout'] = String(Math.min(MAX_SERVER_TIMEOUT_SECONDS, Math.ceil(timeoutMs / 1000)));
  }
  return headers;
}
