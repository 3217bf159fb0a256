import type { Socket } from 'node:net';

const STATUS_LINE = 'HTTP/1.1 100';
const FIRST_OF_STATUS = STATUS_LINE.indexOf('100');
const ONE = 0x31;
const HEAD_END = '\r\n\r\n';

/** A head is never longer; what goes on without an end is for the parser to refuse. */
const LONGEST_HEAD = 8192;

/**
 * Takes `100 Continue` out of what a socket brings before an answer. A server may send it unasked, and undici takes that for a
 * broken connection. Only the beginning of an answer is looked at: a body may hold what it likes.
 */
export function acceptContinue<Stream extends Pick<Socket, 'read' | 'write'>>(socket: Stream): Stream {
  const read = socket.read.bind(socket) as (size?: number) => Buffer | null;
  const { write } = socket;
  let isAwaitingHead = false;
  let held: Buffer | undefined;

  function next(): Buffer | null {
    for (;;) {
      const chunk = read();
      if (chunk === null) return null;
      if (!isAwaitingHead) return chunk;
      const bytes: Buffer = held === undefined ? chunk : Buffer.concat([held, chunk]);
      held = undefined;
      const rest = withoutContinue(bytes);
      if (rest === 'incomplete') {
        held = bytes;
      } else if (rest.length > 0) {
        isAwaitingHead = false;
        return rest;
      }
    }
  }

  // With a size it is the stream's own machinery that reads, which takes nothing out.
  socket.read = (size?: number) => (size === undefined ? next() : read(size));
  socket.write = ((chunk: string, ...rest: []) => {
    isAwaitingHead = true;
    return write.call(socket, chunk, ...rest);
  }) as Stream['write'];
  return socket;
}

/** What follows the `100 Continue` that the bytes may begin with. */
function withoutContinue(bytes: Buffer): Buffer | 'incomplete' {
  let rest = bytes;
  for (;;) {
    // Nearly every answer is another at this place, and every answer passes here.
    if (rest.length > FIRST_OF_STATUS && rest[FIRST_OF_STATUS] !== ONE) return rest;
    const start = rest.toString('latin1', 0, STATUS_LINE.length);
    if (!STATUS_LINE.startsWith(start)) return rest;
    if (start.length < STATUS_LINE.length) return rest.length === 0 ? rest : 'incomplete';
    const end = rest.indexOf(HEAD_END);
    if (end < 0) return rest.length > LONGEST_HEAD ? rest : 'incomplete';
    rest = rest.subarray(end + HEAD_END.length);
  }
}
