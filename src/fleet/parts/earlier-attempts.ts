import { join } from 'node:path';
import { readPlacedJsonLines } from '../../files/read-json-lines.ts';
import type { JsonObject } from '../../json/value.ts';
import { fileNames } from '../../store/run-directory.ts';
import { readBegin, readEnd, type Included } from './notes.ts';
import { partName, type GrowingFile, type PartLengths } from './part-names.ts';
import type { PartStore } from './part-store.ts';

/** What the attempts before one have left of a chunk. */
export interface EarlierAttempts {
  /** The prefixes that the next attempt builds on: each row of the chunk has ended in them once, or not at all. */
  includes: readonly Included[];
  /** Positions of the rows that have ended in them. */
  ended: ReadonlySet<number>;
  /** Directories of this machine with the prefixes, in the order of `includes`. */
  directories: readonly string[];
  /** How many attempts were killed, or froze, one after the other, and left the same rows. */
  deaths: number;
}

/**
 * Reads what older attempts have left. An attempt builds on what its predecessor built on, and on what that one has written by now: what a
 * frozen one adds later to a prefix that was read is outside for good.
 *
 * @param from the first attempt whose death counts
 */
export async function readEarlierAttempts(
  store: PartStore,
  chunk: number,
  { attempt, from = 1 }: { attempt: number; from?: number },
): Promise<EarlierAttempts> {
  const includes = await findIncluded(store, chunk, attempt);
  const ended = new Set<number>();
  const directories: string[] = [];
  const endedBy = new Map<number, number>();
  for (const { attempt: earlier, lengths } of includes) {
    const directory = await store.fetchPart(partName(chunk, earlier), lengths);
    directories.push(directory);
    const before = ended.size;
    for (const file of ['results', 'rejects'] as const) {
      for (const { index } of linesOf(directory, file, lengths)) ended.add(index as number);
    }
    endedBy.set(earlier, ended.size - before);
  }
  let deaths = 0;
  for (const { attempt: earlier } of includes.toReversed()) {
    if (earlier < from || (await readEnd(store, chunk, earlier)) !== undefined) break;
    deaths += 1;
    // It got on before it died: whatever killed it stands where the ones after it began.
    if (endedBy.get(earlier) !== 0) break;
  }
  return { includes, ended, directories, deaths };
}

async function findIncluded(store: PartStore, chunk: number, attempt: number): Promise<Included[]> {
  for (let earlier = attempt - 1; earlier >= 1; earlier -= 1) {
    const begin = await readBegin(store, chunk, earlier);
    // One that has not begun has written nothing, and will find that it is late.
    if (begin === undefined) continue;
    return [...begin.includes, { attempt: earlier, lengths: await store.lengthsOf(partName(chunk, earlier)) }];
  }
  return [];
}

/** The lines of a file of a part, up to a length. */
function* linesOf(directory: string, file: GrowingFile, lengths: PartLengths): Generator<JsonObject> {
  if (lengths[file] === 0) return;
  for (const { value, offset, length } of readPlacedJsonLines(join(directory, fileNames[file]))) {
    if (offset + length >= lengths[file]) return;
    yield value;
  }
}
