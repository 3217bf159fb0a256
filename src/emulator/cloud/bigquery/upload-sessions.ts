import type { JsonValue } from '../../../json/value.ts';
import { empty, type CloudReply } from '../cloud-reply.ts';
import type { StorageCall } from '../storage-service.ts';
import { BigQueryFailure, invalid, noSuch } from './bigquery-error.ts';

interface Session {
  body: JsonValue;
  pieces: Buffer[];
  received: number;
}

/** A piece was taken, or the upload is whole. */
type Step = { reply: CloudReply } | { body: JsonValue; content: Buffer };

const PIECE_BYTES = 256 * 1024;

/** Resumable uploads of what jobs load. One that is whole is gone: its job tells the rest. */
export class UploadSessions {
  readonly #sessions = new Map<string, Session>();
  #opened = 0;

  reset(): void {
    this.#sessions.clear();
  }

  open(body: JsonValue): string {
    this.#opened += 1;
    const id = `u${this.#opened}`;
    this.#sessions.set(id, { body, pieces: [], received: 0 });
    return id;
  }

  piece(id: string, { headers, body }: StorageCall): Step {
    const session = this.#sessions.get(id);
    if (session === undefined) throw new BigQueryFailure(noSuch(`Upload ${id}`));
    const range = String(headers['content-range'] ?? '');
    const [, first, last, total] = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+)$/.exec(range) ?? [];
    if (total === undefined) throw new BigQueryFailure(invalid(`Failed to parse Content-Range header: ${range}`));
    if (first !== undefined) {
      if (Number(first) !== session.received || Number(last) - Number(first) + 1 !== body.length) {
        throw new BigQueryFailure(
          invalid(`The range ${range} does not follow the ${session.received} bytes that have arrived.`),
        );
      }
      const isLast = Number(last) + 1 === Number(total);
      if (!isLast && body.length % PIECE_BYTES !== 0)
        throw new BigQueryFailure(invalid('Pieces must be multiples of 256 KiB.'));
      session.pieces.push(Buffer.from(body));
      session.received += body.length;
    }
    if (session.received < Number(total)) {
      return { reply: empty(308, session.received === 0 ? {} : { range: `bytes=0-${session.received - 1}` }) };
    }
    this.#sessions.delete(id);
    return { body: session.body, content: Buffer.concat(session.pieces) };
  }
}
