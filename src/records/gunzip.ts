import { createGunzip } from 'node:zlib';

/** Compressed bytes handed over at a time: they bound what may pile up, as deflate grows at most about 1000 times. */
const PIECE_BYTES = 16_384;

/**
 * Decompresses chunk by chunk. Unlike a piped stream, which drops what it holds when it fails, this yields everything
 * that could be decompressed before it throws zlib's error. Zero padding after the data is
 * ignored, as gzip does.
 */
export async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const stream = createGunzip({ chunkSize: 65_536 });
  let ready: Buffer[] = [];
  let failure: Error | undefined;
  let hasEnded = false;
  // A write that fails, or that ends the data early, never calls back, so that is told by events.
  let settle: (() => void) | undefined;
  stream.on('data', (chunk: Buffer) => ready.push(chunk));
  stream.on('error', (error) => {
    failure ??= error;
    settle?.();
  });
  stream.on('end', () => {
    hasEnded = true;
    settle?.();
  });

  try {
    for await (const chunk of chunks) {
      for (let start = 0; start < chunk.length; start += PIECE_BYTES) {
        const piece = chunk.subarray(start, start + PIECE_BYTES);
        await new Promise<void>((resolve) => {
          settle = resolve;
          stream.write(piece, () => resolve());
        });
        yield* ready;
        ready = [];
        if (failure !== undefined) throw failure;
        if (hasEnded) return;
      }
    }
    await new Promise<void>((resolve) => {
      settle = resolve;
      stream.end();
    });
    yield* ready;
    if (failure !== undefined) throw failure;
  } finally {
    stream.destroy();
  }
}
