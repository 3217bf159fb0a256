import { GleanerError } from '../gleaner-error.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads when the rest is to be asked for online: a time of day such as `04:00`, which is the next one by this machine's clock, or a
 * duration such as `6h` or `90m`. Undefined where it is neither.
 */
export function parseDeadline(text: string, now: number): number | undefined {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hours !== undefined) {
    const time = new Date(now);
    time.setHours(Number(hours), Number(minutes), 0, 0);
    if (time.getTime() <= now) time.setDate(time.getDate() + 1);
    return time.getTime();
  }
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  const ms = UNITS[unit ?? ''];
  return amount === undefined || ms === undefined ? undefined : now + Number(amount) * ms;
}

/** @throws {GleanerError} for a text that says no time */
export function checkDeadline(text: string): void {
  if (parseDeadline(text, 0) !== undefined) return;
  throw new GleanerError(
    'option-invalid',
    `Cannot read ${JSON.stringify(text)} as the time from which the rest is asked for online: it must be a time such as 04:00, or a duration such as 6h or 90m`,
  );
}
