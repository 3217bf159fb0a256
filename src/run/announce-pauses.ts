import { formatDuration } from '../text/format.ts';
import type { EventListener } from './events.ts';

/** A shorter wait needs no word. */
const LONG_PAUSE_MS = 30_000;

/**
 * Says in sentences that calls are held back, until when and why, and that the service answers again. Calls in flight are told the
 * same wait one after another: it is said once.
 */
export function announcePauses(
  tell: (sentence: string) => void,
  elapsed: () => number = () => performance.now(),
): EventListener {
  let announcedUntil = 0;
  let isOutageTold = false;
  let since: number | undefined;
  let failedInRow = 0;
  let lastError = '';
  return (event) => {
    switch (event.type) {
      case 'call-end': {
        if (event.outcome === 'failed') {
          failedInRow += 1;
          if (event.message !== undefined) lastError = event.message;
          return;
        }
        failedInRow = 0;
        if (since === undefined || event.status !== 200) return;
        tell(`The service answers again, after ${formatDuration(elapsed() - since)}`);
        since = undefined;
        isOutageTold = false;
        return;
      }
      case 'pause': {
        const { reason, pauseMs, until } = event;
        if (reason === 'outage') {
          if (isOutageTold) return;
          isOutageTold = true;
          const last = lastError === '' ? '' : `, the last with: ${lastError}`;
          tell(
            `The service does not answer: ${failedInRow} calls in a row failed${last}. ` +
              `One at a time tries it again, with growing pauses: the next at ${timeOf(until)}`,
          );
        } else {
          if (pauseMs < LONG_PAUSE_MS || until < announcedUntil + LONG_PAUSE_MS) return;
          announcedUntil = until;
          tell(`The service asks for a wait (429): the next call goes out at ${timeOf(until)}`);
        }
        since ??= elapsed();
        return;
      }
      default:
    }
  };
}

function timeOf(until: number): string {
  return `${new Date(until).toISOString().slice(0, 19)}Z`;
}
