import { GleanerError } from '../gleaner-error.ts';
import type { VertexClientOptions } from './client-options.ts';
import { isHeader } from './header.ts';

/**
 * The headers that all calls of a client have: name, value, name, value, which is the form that undici takes without another pass.
 *
 * @throws {GleanerError} for headers that cannot be sent, or that the client sets itself
 */
export function fixedHeaders(
  { headers = {}, userAgent = 'gleaner' }: Pick<VertexClientOptions, 'headers' | 'userAgent'>,
  typeHeaders: Readonly<Record<string, string>>,
): string[] {
  const own: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    // Answers are small, and unpacking them would cost more than their transfer.
    'accept-encoding': 'identity',
    'user-agent': userAgent,
    ...typeHeaders,
  };
  const entries = [...Object.entries(own), ...Object.entries(headers)];
  for (const [name, value] of entries) {
    if (isHeader(name, value)) continue;
    throw new GleanerError(
      'option-invalid',
      `Cannot send the header ${JSON.stringify(name)}: no header may have such a name or value`,
    );
  }
  const ownNames = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  for (const name of Object.keys(headers)) {
    if (!RESERVED_HEADERS.has(name.toLowerCase()) && !ownNames.has(name.toLowerCase())) continue;
    throw new GleanerError('option-invalid', `Cannot send the header ${JSON.stringify(name)}: gleaner sets it itself`);
  }
  return entries.flat();
}

const RESERVED_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'host',
  'connection',
  'keep-alive',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'upgrade',
  'expect',
  'te',
  'trailer',
]);
