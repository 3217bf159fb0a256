import { open, type FileHandle } from 'node:fs/promises';
import { extname } from 'node:path';
import { GleanerError } from '../gleaner-error.ts';
import { describeSystemError } from '../files/system-error.ts';
import { mediaType } from './media-type.ts';

const mebibyte = 1024 * 1024;

/** As the model pages of Vertex AI document them for data inside a request. */
const maxImageBytes = 7 * mebibyte;
const maxDocumentBytes = 50 * mebibyte;

/**
 * The URL under which a request names a picture, document, sound or film: `gs://`, `https:` and `data:` URLs as they are, a
 * local file as a `data:` URL with its MIME type.
 *
 * @throws {GleanerError} for another scheme, and for a file that cannot be read, has no known type or is too large
 */
export async function mediaUrl(reference: string): Promise<string> {
  if (/^(?:gs:\/\/|https:\/\/|data:)/i.test(reference)) return reference;
  // A single letter before the colon is a Windows drive.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(reference)?.[1];
  if (scheme !== undefined) {
    throw new GleanerError(
      'media-unusable',
      `Cannot send ${shown(reference)}: the service takes gs://, https: and data: URLs, and files of this machine, but not ${scheme}:`,
    );
  }
  return inlineMedia(reference);
}

/**
 * Reads a local file into a `data:` URL.
 *
 * @throws {GleanerError} for a file that cannot be read, has no known type or is too large
 */
export async function inlineMedia(path: string): Promise<string> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const { size } = await checkFile(file, path);
    const bytes = await file.readFile();
    if (bytes.length === 0) throw new GleanerError('media-unusable', `Cannot send ${shown(path)}: the file is empty`);
    const type = mediaType(bytes, extname(path));
    if (type === undefined) {
      throw new GleanerError(
        'media-unusable',
        `Cannot send ${shown(path)}: neither its first bytes nor its extension are those of a picture, PDF, sound or film`,
      );
    }
    checkSize(path, Math.max(size, bytes.length), type);
    return `data:${type};base64,${bytes.toString('base64')}`;
  } catch (error) {
    if (error instanceof GleanerError) throw error;
    throw new GleanerError('media-unusable', `Cannot read ${shown(path)}: ${describeSystemError(error)}`, {
      cause: error,
    });
  } finally {
    await file?.close();
  }
}

/** Before anything is read: a device has no end, and a large file would fill the memory first. */
async function checkFile(file: FileHandle, path: string): Promise<{ size: number }> {
  const stats = await file.stat();
  if (!stats.isFile()) throw new GleanerError('media-unusable', `Cannot send ${shown(path)}: it is no file`);
  checkSize(path, stats.size, undefined);
  return stats;
}

function checkSize(path: string, size: number, type: string | undefined): void {
  const limit = type?.startsWith('image/') === true ? maxImageBytes : maxDocumentBytes;
  if (size <= limit) return;
  throw new GleanerError(
    'media-unusable',
    `Cannot send ${shown(path)}: it has ${(size / mebibyte).toFixed(1)} MiB, and at most ${limit / mebibyte} MiB fit into a request; put it into Cloud Storage and give its gs:// URL`,
  );
}

function shown(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
}
