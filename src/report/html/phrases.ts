import { clipText } from '../../text/clip-text.ts';

/** A share in per cent that says neither 0 % nor 100 % where that is not so, and that no line breaks. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return 'none';
  const percent = (100 * part) / whole;
  if (percent > 0 && percent < 0.1) return '<\u00A00.1\u00A0%';
  if (percent < 100 && percent > 99.9) return '>\u00A099.9\u00A0%';
  return `${Number(percent.toFixed(1))}\u00A0%`;
}

/** 2026-11-23 06:02:38 UTC; the text as it is where it is no time. */
export function formatTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? clipText(iso, 40) : `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** The largest entries of a breakdown, and how many are left out. */
export function largest<Value>(
  record: Readonly<Record<string, Value>>,
  limit: number,
  sizeOf: (value: Value) => number,
): { entries: [name: string, value: Value][]; leftOut: number } {
  const all = Object.entries(record).sort((left, right) => sizeOf(right[1]) - sizeOf(left[1]));
  return { entries: all.slice(0, limit), leftOut: Math.max(0, all.length - limit) };
}
