import { parseJsonObject } from '../../json/parse-json.ts';
import { scanLines } from '../../files/line-scanner.ts';
import { closeRead } from '../../files/close-read.ts';
import { StoreError } from '../../files/store-error.ts';
import { systemCode } from '../../files/system-error.ts';
import { openSync } from 'node:fs';
import type { JsonObject } from '../../json/value.ts';
import { BitSet } from '../../store/bit-set.ts';
import type { AttemptEntry, CallEntry } from '../../store/entries.ts';
import { unsettledCall } from '../../store/unsettled-call.ts';
import type { LineFile } from './line-file.ts';
import type { OpenedPart } from './open-part.ts';

/** How our own lines begin: the ordinal is replaced without parsing the line. */
const CALL_HEAD = /^\{"call":(\d+),/;
const TOTAL = /"total":(\d+)\}/;

/**
 * Enters the ledger of a part: its calls get ordinals of the whole run, from the one given on. Calls that were open when the part's process was
 * killed, and that no later session entered, become unsettled ones. A line that says the same call again is left out, as a continued run
 * does.
 *
 * @returns the next free ordinal
 */
export function mergeLedger(part: OpenedPart, ledger: LineFile, from: number): number {
  const { lengths } = part.part;
  const path = part.file('attempts');
  const settled = new BitSet();
  const repeated = new BitSet();
  for (const { call } of callsOf(path, lengths?.attempts)) (settled.has(call) ? repeated : settled).add(call);
  const seen = new Map<number, Set<string>>();
  let next = from;
  const enter = (rest: string): void => {
    ledger.write(`{"call":${next},${rest}`);
    next += 1;
    part.merged.calls += 1;
    part.merged.tokens += Number(TOTAL.exec(rest)?.[1] ?? 0);
  };
  for (const { call, rest } of callsOf(path, lengths?.attempts)) {
    if (repeated.has(call)) {
      const texts = seen.get(call) ?? new Set();
      if (texts.has(rest)) continue;
      seen.set(call, texts.add(rest));
    }
    enter(rest);
  }
  for (const { call, entry } of openCallsOf(part.file('inflight'), lengths?.inflight)) {
    if (settled.has(call)) continue;
    settled.add(call);
    enter(JSON.stringify(entry).slice(1));
  }
  return next;
}

/** The calls of a ledger, with their lines behind the ordinal. */
function* callsOf(path: string, size: number | undefined): Generator<{ call: number; rest: string }> {
  for (const line of linesOf(path, size)) {
    const head = CALL_HEAD.exec(line);
    if (head !== null) yield { call: Number(head[1]), rest: line.slice(head[0].length) };
    else {
      const { call, ...entry } = parse(line, path);
      if (typeof call !== 'number') throw notOurs(path);
      yield { call, rest: JSON.stringify(entry).slice(1) };
    }
  }
}

function* openCallsOf(
  path: string,
  size: number | undefined,
): Generator<{ call: number; entry: Omit<AttemptEntry, 'call'> }> {
  for (const line of linesOf(path, size)) {
    const { call, ...entry } = unsettledCall(parse(line, path) as JsonObject & CallEntry);
    yield { call, entry };
  }
}

/** The whole lines among the first bytes of a file; none where there is no file. */
export function* linesOf(path: string, size: number | undefined): Generator<string> {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw new StoreError('open', path, error);
  }
  try {
    for (const { bytes } of scanLines(fd, size)) yield bytes.toString('utf8');
  } finally {
    closeRead(fd);
  }
}

function parse(line: string, path: string): JsonObject {
  const value = parseJsonObject(line);
  if (value !== undefined) return value;
  throw notOurs(path);
}

function notOurs(path: string): StoreError {
  return new StoreError('read', path, new Error('it has a line that is no line of a run; restore the file'));
}
