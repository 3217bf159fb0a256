/** What the codes mean, once for all rooms. */
const EXPLANATIONS: Readonly<Record<string, string>> = {
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

/** What the operating system refused, in words. */
export function describeSystemError(cause: unknown): string {
  const code = systemCode(cause);
  const known = code === undefined ? undefined : EXPLANATIONS[code];
  if (known !== undefined) return `${known} (${code})`;
  return cause instanceof Error ? cause.message : String(cause);
}

/** The system's code, such as `ENOENT`; undefined where an error has none. */
export function systemCode(cause: unknown): string | undefined {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
