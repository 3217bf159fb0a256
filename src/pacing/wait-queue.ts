/** A first-come, first-served line of waiters, each of which leaves at once when its signal aborts. */
export class WaitQueue {
  readonly #waiters = new Set<() => void>();

  get length(): number {
    return this.#waiters.size;
  }

  wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = (): void => {
        this.#waiters.delete(admit);
        reject(signal?.reason);
      };
      const admit = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      this.#waiters.add(admit);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Lets the first in line go; false when nobody waits. */
  admitNext(): boolean {
    for (const admit of this.#waiters) {
      this.#waiters.delete(admit);
      admit();
      return true;
    }
    return false;
  }
}
