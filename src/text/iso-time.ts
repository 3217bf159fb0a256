// A millisecond sees many calls of a fast run, and to write or read a time costs more than to compare it with the last one.
let lastMs = Number.NaN;
let lastText = '';

/** A time as the logs hold it, such as `2026-11-28T19:04:05.678Z`. */
export function isoTime(ms: number): string {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastText;
}

let lastRead = '';
let lastReadMs = Number.NaN;

/** Milliseconds since 1970 of a time of the logs; NaN where it is none. */
export function readIsoTime(text: string): number {
  if (text !== lastRead) {
    lastReadMs = Date.parse(text);
    lastRead = text;
  }
  return lastReadMs;
}
