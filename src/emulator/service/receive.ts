import type { IncomingMessage } from 'node:http';

/** A request body read to its end. */
export type Received = { kind: 'read'; text: string; size: number } | { kind: 'too-large' };

/** Calls back once the body is there; never when the client leaves before. A body over the limit is read and dropped. */
export function receive(request: IncomingMessage, limit: number, onReceived: (received: Received) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else chunks.length = 0;
  });
  request.on('end', () => {
    if (size > limit) return onReceived({ kind: 'too-large' });
    const [first] = chunks;
    const body = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
    onReceived({ kind: 'read', text: body.toString('utf8'), size });
  });
  request.on('error', () => {
    // The client left while sending: nobody is there to answer.
  });
}
