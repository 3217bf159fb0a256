import type { Writable } from 'node:stream';
import { GleanerError } from '../../gleaner-error.ts';
import { describeSystemError, systemCode } from '../../files/system-error.ts';

/**
 * Writes pieces to standard output no faster than they are taken. A reader that has seen enough, as `head` has, ends it early
 * and is no error.
 *
 * @throws {GleanerError} when it cannot be written to
 */
export async function writeChunks(stdout: Writable, chunks: Iterable<string> | AsyncIterable<string>): Promise<void> {
  let failure: Error | undefined;
  let isClosed = false;
  const fail = (error: Error): void => {
    failure ??= error;
  };
  const close = (): void => {
    isClosed = true;
  };
  stdout.on('error', fail).on('close', close);
  try {
    for await (const chunk of chunks) {
      if (failure !== undefined || isClosed) break;
      await written(stdout, chunk);
    }
  } finally {
    stdout.off('error', fail).off('close', close);
  }
  if (failure === undefined || systemCode(failure) === 'EPIPE') return;
  throw new GleanerError('output-unwritable', `Cannot write to standard output: ${describeSystemError(failure)}`, {
    cause: failure,
  });
}

/** Resolves when the piece has been taken, or never will be: the stream's own error says why. */
function written(stdout: Writable, chunk: string): Promise<void> {
  return new Promise((resolve) => {
    stdout.write(chunk, () => setImmediate(resolve));
  });
}
