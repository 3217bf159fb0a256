import { systemCode } from '../files/system-error.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a directory; give a file',
  EACCES: 'permission to read it is missing',
  EPERM: 'permission to read it is missing',
  EMFILE: 'too many files are open',
  ERR_STREAM_PREMATURE_CLOSE: 'it was closed before its end',
  ENXIO: 'it is a socket or a device that nothing stands behind; for standard input, give -',
  ENAMETOOLONG: 'its name is too long',
};

/** What went wrong when a file was opened or read, in words; undefined for errors that are no file's fault. */
export function describeReadError(error: unknown): string | undefined {
  const code = systemCode(error);
  if (code === undefined) return undefined;
  if (code === 'Z_BUF_ERROR') return 'the gzip data is truncated';
  if (code.startsWith('Z_')) return 'the gzip data is corrupt';
  return REASONS[code] ?? (/^E[A-Z]+$/.test(code) ? `the system reports ${code}` : undefined);
}
