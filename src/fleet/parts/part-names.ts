/** The files of a part that grow while its run goes on, line by line. */
export const GROWING_FILES = ['results', 'rejects', 'attempts', 'inflight', 'answered'] as const;

export type GrowingFile = (typeof GROWING_FILES)[number];

/** Bytes of each growing file, whole lines only. */
export type PartLengths = Readonly<Record<GrowingFile, number>>;

export const NO_LENGTHS: PartLengths = { results: 0, rejects: 0, attempts: 0, inflight: 0, answered: 0 };

const PART = /^parts\/(\d{6,})\.a(\d+)$/;

/** Where the files of one attempt at a chunk stand: its number is the attempt's fence token. */
export function partName(chunk: number, attempt: number): string {
  return `parts/${padded(chunk)}.a${attempt}`;
}

export function parsePartName(name: string): { chunk: number; attempt: number } | undefined {
  const [, chunk, attempt] = PART.exec(name) ?? [];
  return chunk === undefined ? undefined : { chunk: Number(chunk), attempt: Number(attempt) };
}

/** The note that ends a chunk; the attempt that writes it is the one that counts. */
export function doneName(chunk: number): string {
  return `parts/${padded(chunk)}.done.json`;
}

/** The note by which an attempt takes its number. */
export function claimName(chunk: number, attempt: number): string {
  return `${partName(chunk, attempt)}/claim.json`;
}

/** The note of an attempt that has come to an end in order, done or not: one without it was killed, or is frozen. */
export function endName(chunk: number, attempt: number): string {
  return `${partName(chunk, attempt)}/end.json`;
}

function padded(chunk: number): string {
  return String(chunk).padStart(6, '0');
}
