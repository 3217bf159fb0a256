import type { PartLengths } from './part-names.ts';

/**
 * Where the parts of a run stand, for all its workers: a shared file system, or a bucket. Notes are written once and never changed; the
 * files of a part only grow, and only its own attempt writes them. What was read once of either stays as it was, so that a note may
 * name a prefix and be right for ever.
 */
export interface PartStore {
  /** For people. */
  readonly name: string;
  /** Writes a note that is not there yet: it is there whole or not at all, and of several writers one has written it. @returns whether it did */
  create(name: string, content: string): Promise<boolean>;
  /** The content of a note; undefined where there is none. */
  read(name: string): Promise<string | undefined>;
  /** The names of all notes that begin like this, in no order. */
  list(prefix: string): AsyncIterable<string>;
  /** Opens a part for the run that writes it. */
  openPart(part: string): Promise<OpenPart>;
  /** How much there is of each file of a part by now. */
  lengthsOf(part: string): Promise<PartLengths>;
  /** A directory of this machine with at least these prefixes of the files of a part; the caller reads no further. */
  fetchPart(part: string, lengths: PartLengths): Promise<string>;
  close(): Promise<void>;
}

/** A part while a run writes it. */
export interface OpenPart {
  /** The run directory. */
  readonly directory: string;
  /** Brings what was written to where others see it. */
  save(): Promise<PartLengths>;
  /** Lets go of it; nothing is removed that others cannot see. */
  close(): Promise<void>;
}
