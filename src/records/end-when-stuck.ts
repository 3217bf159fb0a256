/** A read may still take so long after the abort: what is on its way arrives, and the rest of a fast input can be counted. */
const PATIENCE_MS = 1000;

/** The rows again, ending early where the signal has aborted and no row comes: a pipe may be silent for ever. */
export function endWhenStuck<Row>(rows: AsyncIterator<Row>, signal: AbortSignal): AsyncIterator<Row> {
  let onAbort: (() => void) | undefined;
  let hasEnded = false;
  signal.addEventListener('abort', () => onAbort?.(), { once: true });
  return {
    next: () => {
      if (hasEnded) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve, reject) => {
        let timer: NodeJS.Timeout | undefined;
        const startTimer = (): void => {
          timer = setTimeout(() => {
            hasEnded = true;
            resolve({ done: true, value: undefined });
          }, PATIENCE_MS);
        };
        const settle = (): void => {
          clearTimeout(timer);
          onAbort = undefined;
        };
        if (signal.aborted) startTimer();
        else onAbort = startTimer;
        rows.next().then(
          (step) => {
            settle();
            resolve(step);
          },
          (error: unknown) => {
            settle();
            reject(error);
          },
        );
      });
    },
  };
}
