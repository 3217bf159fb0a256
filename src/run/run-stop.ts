/**
 * Ends a run in order, with the reason in its message: no further calls, those in flight are awaited, and the same command goes on later.
 * Thrown by what a call waits for, where waiting longer is of no use.
 */
export class RunStop extends Error {
  override readonly name = 'RunStop';
}
