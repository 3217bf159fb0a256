/**
 * Keeps what is taken below a rate. One that several processes share would implement it as well; `test/pacing/quota-conformance.ts`
 * holds what each implementation must do.
 */
export interface Quota {
  /** Takes `amount`, waiting for it in the order of coming; rejects with the signal's reason when that aborts. */
  take(amount: number, signal?: AbortSignal): Promise<void>;
  /** Puts right what was taken once it is known what was really used. Never waits. */
  settle(taken: number, used: number): void;
  /** Ends timers and connections; nothing may be taken afterwards. */
  close(): Promise<void>;
}
