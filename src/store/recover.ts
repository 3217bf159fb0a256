import { zeroUsage } from '../completion/usage.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { BitSet } from './bit-set.ts';
import type { AttemptEntry, CallEntry, RejectEntry, ResultEntry } from './entries.ts';
import { HashedIdSet } from './hashed-id-set.ts';
import { readJsonLines } from '../files/read-json-lines.ts';
import type { RunDirectory } from './run-directory.ts';
import { StoreError } from './store-error.ts';

/** What a run directory already holds: the state a continued run starts from. */
export interface RecoveredState {
  /** Positions of input rows that have ended, as a result or as a reject. */
  endedRows: BitSet;
  /** Positions of rows that were rejected as bad records: nothing was asked for them. */
  badRows: BitSet;
  /** Ids of records that have ended. */
  endedIds: HashedIdSet;
  /** `fingerprint` and id of ended records, joined by `contentKey`: tells whether a record still is what was answered. */
  endedContents: HashedIdSet;
  extracted: number;
  /** The part of `extracted` that was carried over. */
  reused: number;
  rejected: number;
  /** Calls that were found open and have been entered into the ledger as unsettled just now. */
  openCalls: number;
  /** Next free call ordinal. */
  nextCall: number;
}

export interface RecoveryVisitor {
  onResult(entry: ResultEntry): void;
  onReject(entry: RejectEntry): void;
  onAttempt(entry: AttemptEntry): void;
}

export function contentKey(id: string, fingerprint: string): string {
  return `${fingerprint} ${id}`;
}

/**
 * Reads a run directory back. Calls that were noted but never settled, because the process was killed, are entered into the
 * ledger as `unsettled`; they may have been billed, and nobody can tell any more how much.
 */
export function recover(directory: RunDirectory, visitor: RecoveryVisitor): RecoveredState {
  const state: RecoveredState = {
    endedRows: new BitSet(),
    badRows: new BitSet(),
    endedIds: new HashedIdSet(),
    endedContents: new HashedIdSet(),
    extracted: 0,
    reused: 0,
    rejected: 0,
    openCalls: 0,
    nextCall: 1,
  };
  for (const entry of readEntries<ResultEntry>(directory.file('results'), isEnd)) {
    state.extracted += 1;
    if (entry.reused === true) state.reused += 1;
    noteEnded(state, entry);
    visitor.onResult(entry);
  }
  for (const entry of readEntries<RejectEntry>(directory.file('rejects'), isReject)) {
    state.rejected += 1;
    noteEnded(state, entry);
    visitor.onReject(entry);
  }
  const settled = new BitSet();
  const firstOpenCall = firstNotedCall(directory);
  for (const entry of readEntries<AttemptEntry>(directory.file('attempts'), isAttempt)) {
    state.nextCall = Math.max(state.nextCall, entry.call + 1);
    if (entry.call >= firstOpenCall) settled.add(entry.call - firstOpenCall);
    visitor.onAttempt(entry);
  }
  for (const { call, id, index, attempt, kind, at, mayCost } of readEntries<CallEntry>(
    directory.file('inflight'),
    isCall,
  )) {
    state.nextCall = Math.max(state.nextCall, call + 1);
    if (settled.has(call - firstOpenCall)) continue;
    const unsettled: AttemptEntry = {
      call,
      id,
      index,
      attempt,
      kind,
      status: null,
      outcome: 'unsettled',
      code: 'process_ended',
      tokens: { ...zeroUsage },
      at,
      ...(mayCost === undefined ? {} : { mayCost }),
    };
    state.openCalls += 1;
    directory.commit({ attempt: unsettled });
    visitor.onAttempt(unsettled);
  }
  directory.flush();
  return state;
}

function noteEnded(state: RecoveredState, entry: { id: string | null; index: number; fingerprint?: string }): void {
  if (entry.id === null || entry.fingerprint === undefined) {
    state.badRows.add(entry.index);
    return;
  }
  state.endedRows.add(entry.index);
  state.endedIds.add(entry.id);
  state.endedContents.add(contentKey(entry.id, entry.fingerprint));
}

function firstNotedCall(directory: RunDirectory): number {
  for (const entry of readEntries<CallEntry>(directory.file('inflight'), isCall)) return entry.call;
  return Number.POSITIVE_INFINITY;
}

/**
 * Lines of our own files have the shape we wrote; this looks at the members that are relied on here, in case somebody
 * edited them.
 *
 * @throws {StoreError} naming the line
 */
function* readEntries<Entry>(path: string, isEntry: (value: JsonObject) => boolean): Generator<Entry> {
  let line = 0;
  for (const value of readJsonLines(path)) {
    line += 1;
    if (!isEntry(value)) {
      throw new StoreError(
        'read',
        path,
        new Error(`line ${line} is no line of a run; restore the file or start a new run directory`),
      );
    }
    yield value as JsonObject & Entry;
  }
}

const isEnd = ({ index, tokens }: JsonObject): boolean => Number.isSafeInteger(index) && isTokens(tokens);
const isReject = (value: JsonObject): boolean =>
  isEnd(value) && isJsonObject(value['error']) && typeof value['error']['code'] === 'string';
const isCall = ({ call, id, index }: JsonObject): boolean =>
  Number.isSafeInteger(call) && typeof id === 'string' && Number.isSafeInteger(index);
const isAttempt = (value: JsonObject): boolean =>
  isCall(value) && isTokens(value['tokens']) && typeof value['outcome'] === 'string';

function isTokens(value: JsonValue | undefined): boolean {
  return (
    isJsonObject(value) &&
    ['prompt', 'cached', 'completion', 'reasoning', 'total'].every((kind) => typeof value[kind] === 'number')
  );
}
