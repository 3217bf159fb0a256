import { describeSystemError, systemCode } from './system-error.ts';

/**
 * Thrown when the run directory cannot be written or read while a run goes on: disk full, directory gone, permission
 * lost. What was written before stays whole, so the run can be continued once the cause is mended.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  /** The system's code, such as `ENOSPC`. */
  readonly code: string | undefined;

  constructor(action: string, path: string, cause: unknown) {
    super(`Cannot ${action} ${path}: ${describeSystemError(cause)}`, { cause });
    this.code = systemCode(cause);
  }
}
