import type { IncomingMessage } from 'node:http';
import { GleanerError } from '../gleaner-error.ts';
import type { JsonValue } from '../json/value.ts';

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Reads the JSON that a request holds.
 *
 * @throws {GleanerError} when it is none, or is too long
 */
export async function readJsonBody(request: IncomingMessage): Promise<JsonValue> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    throw new GleanerError('usage', 'Cannot read the request: it must be application/json');
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Read to its end all the same: a client that still sends would not see the answer.
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (length > MAX_BODY_BYTES) throw new GleanerError('usage', 'Cannot read the request: it is too long');
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as JsonValue;
  } catch {
    throw new GleanerError('usage', 'Cannot read the request: it is no JSON');
  }
}
