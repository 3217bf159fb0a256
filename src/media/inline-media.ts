import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { GleanerError } from '../gleaner-error.ts';
import { describeSystemError } from '../files/system-error.ts';
import { mediaType } from './media-type.ts';

const MEBIBYTE = 1024 * 1024;

/** As the model pages of Vertex AI document them for data inside a request. */
const maxImageBytes = 7 * MEBIBYTE;
const maxDocumentBytes = 50 * MEBIBYTE;

export interface MediaOptions {
  /**
   * Absolute path of the directory that files must lie below, and that relative paths begin at, where records name them. Messages
   * then quote no name. Default: any file, as a user names it, from the current directory.
   */
  readonly root?: string;
}

/**
 * The URL under which a request names a picture, document, sound or film: `gs://`, `https:` and `data:` URLs as they are, a
 * local file as a `data:` URL with its MIME type.
 *
 * @throws {GleanerError} for another scheme, and for a file that cannot be read, has no known type or is too large
 */
export async function mediaUrl(reference: string, options: MediaOptions = {}): Promise<string> {
  if (/^(?:gs:\/\/|https:\/\/|data:)/i.test(reference)) return reference;
  // A single letter before the colon is a Windows drive.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(reference)?.[1];
  if (scheme !== undefined) {
    throw new GleanerError(
      'media-unusable',
      `Cannot send ${named(reference, options)}: the service takes gs://, https: and data: URLs, and files of this machine, but not ${options.root === undefined ? `${scheme}:` : 'other URLs'}`,
    );
  }
  return inlineMedia(reference, options);
}

/**
 * Reads a local file into a `data:` URL.
 *
 * @throws {GleanerError} for a file that lies elsewhere than below the root, cannot be read, has no known type or is too large
 */
export async function inlineMedia(path: string, options: MediaOptions = {}): Promise<string> {
  const { root } = options;
  const name = named(path, options);
  let file: FileHandle | undefined;
  try {
    const place = root === undefined ? path : await placeBelow(root, path);
    // Where a link is put in its place meanwhile, it is not followed; a pipe is not waited for.
    file = await open(
      place,
      constants.O_RDONLY | constants.O_NONBLOCK | (root === undefined ? 0 : constants.O_NOFOLLOW),
    );
    const { size } = await checkFile(file, name);
    const bytes = await file.readFile();
    if (bytes.length === 0) throw new GleanerError('media-unusable', `Cannot send ${name}: the file is empty`);
    const type = mediaType(bytes);
    if (type === undefined) {
      throw new GleanerError(
        'media-unusable',
        `Cannot send ${name}: its first bytes are not those of a picture, PDF, sound or film`,
      );
    }
    checkSize(name, Math.max(size, bytes.length), type);
    return `data:${type};base64,${bytes.toString('base64')}`;
  } catch (error) {
    if (error instanceof GleanerError) throw error;
    throw new GleanerError('media-unusable', `Cannot read ${name}: ${describeSystemError(error)}`, { cause: error });
  } finally {
    await file?.close();
  }
}

/** Where a path leads, links followed. Whether a file stands elsewhere is not told apart from where it leads. */
async function placeBelow(root: string, path: string): Promise<string> {
  const wanted = resolve(root, path);
  const realRoot = await realpath(root);
  const place = isBelow(root, wanted) || isBelow(realRoot, wanted) ? await realpath(wanted) : undefined;
  if (place !== undefined && isBelow(realRoot, place)) return place;
  throw new GleanerError(
    'media-unusable',
    'Cannot send the file that the record names: it lies outside the directory that such files are read from; give that directory as the media root if its files may be sent',
  );
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Before anything is read: a device has no end, and a large file would fill the memory first. */
async function checkFile(file: FileHandle, name: string): Promise<{ size: number }> {
  const stats = await file.stat();
  if (!stats.isFile()) throw new GleanerError('media-unusable', `Cannot send ${name}: it is no file`);
  checkSize(name, stats.size, undefined);
  return stats;
}

function checkSize(name: string, size: number, type: string | undefined): void {
  const limit = type?.startsWith('image/') === true ? maxImageBytes : maxDocumentBytes;
  if (size <= limit) return;
  throw new GleanerError(
    'media-unusable',
    `Cannot send ${name}: it has ${(size / MEBIBYTE).toFixed(1)} MiB, and at most ${limit / MEBIBYTE} MiB fit into a request; put it into Cloud Storage and give its gs:// URL`,
  );
}

/** A name that a user gave is quoted; what a record has in its place may be anything. */
function named(path: string, { root }: MediaOptions): string {
  if (root !== undefined) return 'the file that the record names';
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
}
