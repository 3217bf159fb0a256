import {
  accessSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  type Stats,
} from 'node:fs';
import { dirname } from 'node:path';
import { makeDirectory } from '../files/make-directory.ts';
import { systemCode } from '../files/system-error.ts';
import { closeRead } from '../files/close-read.ts';

/** "glnr", in the field of a database's header that says which program it belongs to. */
export const APPLICATION_ID = 0x67_6c_6e_72;
const SQLITE_MAGIC = 'SQLite format 3\0';
/** https://www.sqlite.org/fileformat2.html#the_database_header */
const HEADER_BYTES = 72;
const APPLICATION_ID_OFFSET = 68;

/** What the path of a cache leads to. `isOurs` is known from the file's first bytes alone, whatever has become of the rest. */
export interface CacheFile {
  isOurs: boolean;
  identity: string | undefined;
}

/**
 * Looks whose file a cache would be, and makes room for one that does not exist.
 *
 * @throws {Error} for anything but a database that may be ours: it is somebody's data, given by mistake
 */
export function lookAtCacheFile(path: string): CacheFile {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) makeDirectory(dirname(path));
  else if (stats.isDirectory()) throw new Error('it is a directory; name a file');
  else if (!stats.isFile()) throw new Error('it is no regular file');
  else accessSync(path, constants.R_OK | constants.W_OK);
  // The write-ahead log stands beside it.
  accessSync(dirname(path), constants.W_OK);
  const found = stats === undefined ? undefined : readHeader(path);
  if (found === undefined || found.header.length === 0) return { isOurs: false, identity: undefined };
  const { header, identity } = found;
  if (header.toString('latin1', 0, SQLITE_MAGIC.length) !== SQLITE_MAGIC) {
    throw new Error('it is no answer cache and is left alone; name another file');
  }
  const isOurs = header.length === HEADER_BYTES && header.readUInt32BE(APPLICATION_ID_OFFSET) === APPLICATION_ID;
  return { isOurs, identity };
}

/** Tells a file from another that takes its name later; undefined where there is none. */
export function identityOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? undefined : identityIn(stats);
}

function identityIn({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

/**
 * Moves a damaged cache out of the way, its write-ahead log with it, for people to look at.
 *
 * To be called by one process at a time: what stands beside a file goes by its name, whosever it is.
 *
 * @param identity of the file that was judged: where another process has replaced it since, nothing is moved
 * @returns where it stands now; undefined when another process was faster
 */
export function setAside(path: string, identity: string | undefined): string | undefined {
  if (identity === undefined || identityOf(path) !== identity) return undefined;
  // No colons, which Windows does not allow in names.
  const aside = `${path}.corrupt-${new Date().toISOString().replaceAll(/[-:.]/g, '')}`;
  // The file itself goes last: what stands beside its name afterwards is a new one's.
  moved(`${path}-wal`, `${aside}-wal`);
  rmSync(`${path}-shm`, { force: true });
  return moved(path, aside) ? aside : undefined;
}

/** Both of one file, which another process may replace at any moment; undefined where it is just being replaced. */
function readHeader(path: string): { header: Buffer; identity: string } | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    return { header: header.subarray(0, readSync(fd, header)), identity: identityIn(fstatSync(fd)) };
  } finally {
    closeRead(fd);
  }
}

function moved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}
