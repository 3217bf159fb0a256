import type { EventListener } from '../run/events.ts';
import type { RunProgress } from '../run/session/run-progress.ts';
import type { RunSummary } from '../run/session/run-in-directory.ts';

/** Looks on at one run. Whatever fails in it is told in a notice and changes nothing of the run. */
export interface RunObserver {
  /** Called once, when the run has begun; `target` is whom calls go to, for people. */
  onStart?(progress: RunProgress, target: string): void | Promise<void>;
  onEvent?: EventListener;
  /**
   * Called once, when the run has ended and all its files are written; `isEmulated`: the emulator answered, so that its cost is what a service
   * would have asked.
   */
  onEnd?(summary: RunSummary, isEmulated: boolean): void | Promise<void>;
  /** Called instead of `onEnd` when nothing was begun, or the run ended in an error; `exitCode` is the command's. */
  onFailure?(message: string, exitCode: number): void | Promise<void>;
  close?(): void | Promise<void>;
}
