import { GleanerError } from '../../gleaner-error.ts';
import { isJsonObject } from '../../json/value.ts';
import { claimName, doneName, endName, partName, type PartLengths } from './part-names.ts';
import type { PartStore } from './part-store.ts';

/** A prefix of what an older attempt wrote. */
export interface Included {
  attempt: number;
  lengths: PartLengths;
}

/** `begin.json` of a part: what the attempt builds on, written before it asks for anything. */
export interface BeginNote {
  worker: string;
  at: string;
  includes: readonly Included[];
}

/** `end.json` of a part: the attempt came to an end in order. */
export interface EndNote {
  how: 'done' | 'stopped' | 'failed';
  at: string;
}

/** The note that ends a chunk: which records count, and what they and all calls of the attempt came to. */
export interface DoneNote {
  version: 1;
  chunk: number;
  attempt: number;
  worker: string;
  at: string;
  /** Digests of the plan and of the definition's source. */
  plan: string;
  definition: string;
  /** Rows of the chunk; all of them are in the files of this attempt, and in the prefixes of older ones that it names. */
  rows: number;
  /** Of this attempt alone. */
  extracted: number;
  rejected: number;
  calls: number;
  tokens: number;
  /** Billionths of a US dollar; null where a price is not known. */
  nanoUsd: number | null;
  lengths: PartLengths;
  /** Of these prefixes of its results and rejects. */
  sha256: { results: string; rejects: string };
  includes: readonly Included[];
}

/** Takes the next number of a chunk's attempts. */
export async function claimAttempt(store: PartStore, chunk: number, claim: object): Promise<number> {
  const content = JSON.stringify(claim);
  for (let attempt = 1; ; attempt += 1) {
    if (await store.create(claimName(chunk, attempt), content)) return attempt;
  }
}

export async function readDone(store: PartStore, chunk: number): Promise<DoneNote | undefined> {
  return readNote<DoneNote>(store, doneName(chunk));
}

/** @returns whether the chunk is this attempt's now; false where another one has ended it */
export function writeDone(store: PartStore, note: DoneNote): Promise<boolean> {
  return store.create(doneName(note.chunk), `${JSON.stringify(note)}\n`);
}

export function readBegin(store: PartStore, chunk: number, attempt: number): Promise<BeginNote | undefined> {
  return readNote<BeginNote>(store, beginName(chunk, attempt));
}

export async function writeBegin(store: PartStore, chunk: number, attempt: number, note: BeginNote): Promise<void> {
  await store.create(beginName(chunk, attempt), JSON.stringify(note));
}

export function readEnd(store: PartStore, chunk: number, attempt: number): Promise<EndNote | undefined> {
  return readNote<EndNote>(store, endName(chunk, attempt));
}

export async function writeEnd(store: PartStore, chunk: number, attempt: number, how: EndNote['how']): Promise<void> {
  const note: EndNote = { how, at: new Date().toISOString() };
  await store.create(endName(chunk, attempt), JSON.stringify(note));
}

function beginName(chunk: number, attempt: number): string {
  return `${partName(chunk, attempt)}/begin.json`;
}

/** Notes are there whole or not at all, so one that cannot be read was edited. */
async function readNote<Note>(store: PartStore, name: string): Promise<Note | undefined> {
  const text = await store.read(name);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value as unknown as Note;
  } catch {
    // Said below.
  }
  throw new GleanerError(
    'run-unreadable',
    `Cannot read ${name} in ${store.name}: it is no note of gleaner; restore the file`,
  );
}
