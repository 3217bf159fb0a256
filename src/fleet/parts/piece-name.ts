import { GROWING_FILES, type GrowingFile } from './part-names.ts';

/** What a piece of a file is called by. */
export interface PieceName {
  file: GrowingFile;
  /** Bytes before it. */
  offset: number;
}

const OFFSET_DIGITS = 13;

/** The manifest as a session left it: what was written at its begin cannot be replaced. */
export const ENDED_MANIFEST = 'run.end.json';

const PIECE = /^([a-z]+)\.(\d+)\.jsonl$/;

export function pieceName(file: GrowingFile, offset: number): string {
  return `${file}.${String(offset).padStart(OFFSET_DIGITS, '0')}.jsonl`;
}

export function parsePieceName(name: string): PieceName | undefined {
  const [, word, offset] = PIECE.exec(name) ?? [];
  const file = GROWING_FILES.find((one) => one === word);
  return file === undefined ? undefined : { file, offset: Number(offset) };
}
