import { BitSet } from './bit-set.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { AttemptEntry, RejectEntry, ResultEntry } from './entries.ts';
import { HashedIdSet } from './hashed-id-set.ts';
import {
  contentKey,
  emptyState,
  isAttempt,
  isEnd,
  isReject,
  noteEnded,
  noteSettled,
  readEntries,
  recoverOpenCalls,
  type KnownInput,
  type RecoveredState,
  type RecoveryVisitor,
} from './recover.ts';
import type { RunDirectory } from './run-directory.ts';
import { witnessLines } from './witness-lines.ts';

/**
 * Goes on from a checkpoint: reads back only what the logs hold beyond it. Undefined where that has something to be mended, such as a
 * record that ended twice: then all of the logs is read, by `recover`. The visitor has been told of part of it by then.
 */
export function recoverTail(
  directory: RunDirectory,
  visitor: RecoveryVisitor,
  { saved, sizes }: Checkpoint,
): RecoveredState | undefined {
  const state = emptyState();
  state.endedRows.load(saved.endedRows);
  state.badRows.load(saved.badRows);
  state.settledCalls.load(saved.settledCalls);
  const { extracted, reused, rejected, nextCall } = saved;
  Object.assign(state, { extracted, reused, rejected, nextCall });
  const seenIds = new HashedIdSet();
  seenIds.load(saved.seenIds);
  const input: KnownInput = { rows: saved.rows, seenIds, witnesses: new BitSet() };
  state.input = input;
  try {
    callWitnesses(directory.file('results'), sizes.results, state, input);
    if (!readTail(directory, visitor, { state, sizes, seenIds })) return undefined;
  } catch {
    // Reading all of it says which line is wrong.
    return undefined;
  }
  recoverOpenCalls(directory, visitor, state);
  directory.flush();
  return state;
}

/** False where something is to be mended. */
function readTail(
  directory: RunDirectory,
  visitor: RecoveryVisitor,
  { state, sizes, seenIds }: { state: RecoveredState; sizes: Checkpoint['sizes']; seenIds: HashedIdSet },
): boolean {
  /** Ids of ended records of the checkpoint are known by their rows only. */
  const isSecond = ({ id, index }: { id: string | null; index: number }): boolean =>
    id !== null && (seenIds.ordinalOf(id) ?? index) !== index;
  const from = <Entry>(
    log: keyof Checkpoint['sizes'],
    isEntry: Parameters<typeof readEntries>[1],
  ): Generator<{ entry: Entry }> => readEntries<Entry>(directory.file(log), isEntry, undefined, sizes[log]);
  for (const { entry } of from<ResultEntry>('results', isEnd)) {
    if (isSecond(entry) || !noteEnded(state, entry)) return false;
    state.extracted += 1;
    if (entry.reused === true) state.reused += 1;
    visitor.onResult(entry);
  }
  for (const { entry } of from<RejectEntry>('rejects', isReject)) {
    // A bad record may have the id of another: that is what it may be bad for.
    if ((entry.fingerprint !== undefined && isSecond(entry)) || !noteEnded(state, entry)) return false;
    state.rejected += 1;
    visitor.onReject(entry);
  }
  for (const { entry } of from<AttemptEntry>('attempts', isAttempt)) {
    if (!noteSettled(state, entry)) return false;
    visitor.onAttempt(entry);
  }
  return true;
}

/** The definition may read what no digest shows: results of the checkpoint show that it still asks the same. */
function callWitnesses(path: string, size: number, state: RecoveredState, { witnesses }: KnownInput): void {
  for (const line of witnessLines(path, size)) {
    const { id, index, fingerprint } = JSON.parse(line) as ResultEntry;
    state.endedIds.add(id);
    state.endedContents.add(contentKey(id, fingerprint));
    witnesses.add(index);
  }
}
