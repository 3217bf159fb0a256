import type { PartStore } from '../parts/part-store.ts';

/** A chunk that has not ended. */
export interface OpenChunk {
  chunk: number;
  /** The next attempt at it. */
  from: number;
}

const NAME = /^parts\/(\d+)\.(?:a(\d+)\/|done\.json$)/;

/** The chunks of a run that have not ended, by what stands in its parts. */
export async function findOpenChunks(store: PartStore, chunks: number): Promise<OpenChunk[]> {
  const done = new Set<number>();
  const attempts = new Map<number, number>();
  for await (const name of store.list('parts/')) {
    const [, text, attempt] = NAME.exec(name) ?? [];
    if (text === undefined) continue;
    const chunk = Number(text);
    if (attempt === undefined) done.add(chunk);
    else attempts.set(chunk, Math.max(attempts.get(chunk) ?? 0, Number(attempt)));
  }
  const open: OpenChunk[] = [];
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    if (!done.has(chunk)) open.push({ chunk, from: (attempts.get(chunk) ?? 0) + 1 });
  }
  return open;
}
