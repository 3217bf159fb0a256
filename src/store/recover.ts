import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { BitSet } from './bit-set.ts';
import type { AttemptEntry, CallEntry, RejectEntry, ResultEntry } from './entries.ts';
import { unsettledCall } from './unsettled-call.ts';
import { HashedIdSet } from './hashed-id-set.ts';
import { readPlacedJsonLines } from '../files/read-json-lines.ts';
import { fileNames, type RunDirectory } from './run-directory.ts';
import { StoreError } from '../files/store-error.ts';

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
  /** Ordinals of the calls that the ledger holds. */
  settledCalls: BitSet;
  /** Next free call ordinal. */
  nextCall: number;
  /** What was found wrong and was mended, in sentences. */
  notices: string[];
  /** What an earlier session knew of the input, where its checkpoint is gone by. */
  input?: KnownInput | undefined;
}

/** The beginning of an input that is the same file as then, read by the same definition. */
export interface KnownInput {
  /** Rows of the input that were looked at, from the first on. */
  rows: number;
  /** Their ids, each with its first row. */
  seenIds: HashedIdSet;
  /** Ended rows that are compared all the same. */
  witnesses: BitSet;
}

export interface RecoveryVisitor {
  onResult(entry: ResultEntry): void;
  onReject(entry: RejectEntry): void;
  onAttempt(entry: AttemptEntry): void;
}

export function contentKey(id: string, fingerprint: string): string {
  return `${fingerprint} ${id}`;
}

/** The state of a run that has not begun. */
export function emptyState(): RecoveredState {
  return {
    endedRows: new BitSet(),
    badRows: new BitSet(),
    endedIds: new HashedIdSet(),
    endedContents: new HashedIdSet(),
    extracted: 0,
    reused: 0,
    rejected: 0,
    openCalls: 0,
    settledCalls: new BitSet(),
    nextCall: 1,
    notices: [],
  };
}

/**
 * Reads a run directory back. Calls that were noted but never settled, because the process was killed, are entered into the
 * ledger as `unsettled`; they may have been billed, and nobody can tell any more how much.
 */
export function recover(directory: RunDirectory, visitor: RecoveryVisitor): RecoveredState {
  const state = emptyState();
  const secondEnds = { results: new Set<number>(), rejects: new Set<number>() };
  for (const { entry, offset } of readEntries<ResultEntry>(directory.file('results'), isEnd)) {
    if (!noteEnded(state, entry)) {
      secondEnds.results.add(offset);
      continue;
    }
    state.extracted += 1;
    if (entry.reused === true) state.reused += 1;
    visitor.onResult(entry);
  }
  for (const { entry, offset } of readEntries<RejectEntry>(directory.file('rejects'), isReject)) {
    if (!noteEnded(state, entry)) {
      secondEnds.rejects.add(offset);
      continue;
    }
    state.rejected += 1;
    visitor.onReject(entry);
  }
  moveDoubled(directory, 'results', secondEnds.results, state);
  moveDoubled(directory, 'rejects', secondEnds.rejects, state);
  recoverLedger(directory, visitor, state);
  recoverOpenCalls(directory, visitor, state);
  directory.flush();
  return state;
}

/** The rows that a reject is counted with: those of bad records were never asked for. */
export function rowsOf<Rows>(
  { endedRows, badRows }: { endedRows: Rows; badRows: Rows },
  { id, fingerprint }: { id: string | null; fingerprint?: string },
): Rows {
  return id === null || fingerprint === undefined ? badRows : endedRows;
}

/** False for a record that has ended already, by its position or its id: two processes wrote, or a disk gave back a block twice. */
export function noteEnded(
  state: RecoveredState,
  entry: { id: string | null; index: number; fingerprint?: string },
): boolean {
  const { id, index, fingerprint } = entry;
  if (state.endedRows.has(index) || state.badRows.has(index)) return false;
  if (id === null || fingerprint === undefined) {
    state.badRows.add(index);
    return true;
  }
  if (!state.endedIds.add(id)) return false;
  state.endedRows.add(index);
  state.endedContents.add(contentKey(id, fingerprint));
  return true;
}

function recoverLedger(directory: RunDirectory, visitor: RecoveryVisitor, state: RecoveredState): void {
  const repeated = new Set<number>();
  for (const { entry } of readEntries<AttemptEntry>(directory.file('attempts'), isAttempt)) {
    if (!noteSettled(state, entry)) {
      repeated.add(entry.call);
      continue;
    }
    visitor.onAttempt(entry);
  }
  if (repeated.size > 0) recoverRepeatedCalls(directory, visitor, state, repeated);
}

/** False for a call that the ledger holds already. */
export function noteSettled(state: RecoveredState, { call }: AttemptEntry): boolean {
  state.nextCall = Math.max(state.nextCall, call + 1);
  if (state.settledCalls.has(call)) return false;
  state.settledCalls.add(call);
  return true;
}

/** Two calls of one ordinal were both made, by two processes; a line that says the same twice is one call. */
function recoverRepeatedCalls(
  directory: RunDirectory,
  visitor: RecoveryVisitor,
  state: RecoveredState,
  repeated: ReadonlySet<number>,
): void {
  const seen = new Map<number, Set<string>>();
  const doubled = new Set<number>();
  for (const { entry, offset } of readEntries<AttemptEntry>(directory.file('attempts'), isAttempt)) {
    if (!repeated.has(entry.call)) continue;
    const text = JSON.stringify(entry);
    const texts = seen.get(entry.call);
    if (texts === undefined) {
      // The first one is counted already.
      seen.set(entry.call, new Set([text]));
    } else if (texts.has(text)) {
      doubled.add(offset);
    } else {
      texts.add(text);
      visitor.onAttempt(entry);
    }
  }
  moveDoubled(directory, 'attempts', doubled, state);
}

/** Enters the calls that were noted and never settled. */
export function recoverOpenCalls(directory: RunDirectory, visitor: RecoveryVisitor, state: RecoveredState): void {
  let damaged = 0;
  const onDamage = (): void => void (damaged += 1);
  for (const { entry } of readEntries<CallEntry>(directory.file('inflight'), isCall, onDamage)) {
    const { call } = entry;
    state.nextCall = Math.max(state.nextCall, call + 1);
    if (state.settledCalls.has(call)) continue;
    state.settledCalls.add(call);
    const unsettled = unsettledCall(entry);
    state.openCalls += 1;
    directory.commit({ attempt: unsettled });
    visitor.onAttempt(unsettled);
  }
  if (damaged === 0) return;
  // The notes are not saved to the disk before a call, so a power cut may take some of them: that is no reason to refuse the run.
  state.notices.push(
    `${fileNames.inflight} is damaged: calls that were open when the run was interrupted may be missing in the ledger`,
  );
}

function moveDoubled(
  directory: RunDirectory,
  name: 'results' | 'rejects' | 'attempts',
  offsets: ReadonlySet<number>,
  state: RecoveredState,
): void {
  if (offsets.size === 0) return;
  directory.moveDoubled(name, offsets);
  const what = name === 'attempts' ? 'repeat a call' : 'end a record a second time';
  state.notices.push(
    `${offsets.size} lines of ${fileNames[name]} ${what}; they were moved to ${fileNames.doubled}, and the first of each counts`,
  );
}

/**
 * Lines of our own files have the shape we wrote; this looks at the members that are relied on here, in case somebody
 * edited them. `onDamage` is told of lines that have not, instead of an error. Lines begin at byte `from`.
 *
 * @throws {StoreError} naming the line
 */
export function* readEntries<Entry>(
  path: string,
  isEntry: (value: JsonObject) => boolean,
  onDamage?: () => void,
  from = 0,
): Generator<{ entry: Entry; offset: number }> {
  let line = 0;
  for (const { value, offset } of readPlacedJsonLines(path, onDamage, from)) {
    line += 1;
    if (isEntry(value)) yield { entry: value as JsonObject & Entry, offset };
    else if (onDamage !== undefined) onDamage();
    else {
      throw new StoreError(
        'read',
        path,
        new Error(`line ${line} is no line of a run; restore the file or start a new run directory`),
      );
    }
  }
}

export const isEnd = ({ index, tokens }: JsonObject): boolean => Number.isSafeInteger(index) && isTokens(tokens);
export const isReject = (value: JsonObject): boolean =>
  isEnd(value) && isJsonObject(value['error']) && typeof value['error']['code'] === 'string';
const isCall = ({ call, id, index }: JsonObject): boolean =>
  Number.isSafeInteger(call) && typeof id === 'string' && Number.isSafeInteger(index);
export const isAttempt = (value: JsonObject): boolean =>
  isCall(value) && isTokens(value['tokens']) && typeof value['outcome'] === 'string';

function isTokens(value: JsonValue | undefined): boolean {
  return (
    isJsonObject(value) &&
    ['prompt', 'cached', 'completion', 'reasoning', 'total'].every((kind) => typeof value[kind] === 'number')
  );
}
