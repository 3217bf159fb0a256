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

const explanations: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would exceed the allowed size',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOENT: 'no such file or directory',
  EEXIST: 'a file of that name stands there',
  ENOTDIR: 'a part of the path is no directory',
  EISDIR: 'it is a directory',
  ELOOP: 'it is a symbolic link',
  EIO: 'the device reports an input/output error',
  EBUSY: 'another program holds it open',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'this process has too many files open',
};

export function describeSystemError(cause: unknown): string {
  const code = systemCode(cause);
  const known = code === undefined ? undefined : explanations[code];
  if (known !== undefined) return `${known} (${code})`;
  return cause instanceof Error ? cause.message : String(cause);
}

export function systemCode(cause: unknown): string | undefined {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
