import { messageOf } from './thrown-message.ts';

/** Why the message of an error is left out. */
export const UNSHOWN = 'its message is not shown as it may quote a record';

/** What was thrown, by kind, and where: nothing of its message, which code of others may have made of a record. */
export function kindAndPlaceOf(error: unknown): string {
  const place = /\(?([^\s()]+:\d+:\d+)\)?$/.exec(framesOf(error)?.[0] ?? '')?.[1];
  const kind =
    error instanceof Error && /^\w{1,50}$/.test(error.constructor.name) ? error.constructor.name : typeof error;
  return place === undefined ? kind : `${kind} at ${place}`;
}

/** The lines of a stack below the message, which may have any number of lines itself. */
export function framesOf(error: unknown): string[] | undefined {
  const stack = stackOf(error);
  if (stack === undefined) return undefined;
  const message = messageOf(error);
  const below = stack.slice(Math.max(0, stack.indexOf(message)) + message.length);
  return below.split('\n').filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line));
}

export function stackOf(error: unknown): string | undefined {
  try {
    return error instanceof Error ? error.stack : undefined;
  } catch {
    return undefined;
  }
}
