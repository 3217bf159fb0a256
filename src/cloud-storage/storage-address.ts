import { GleanerError } from '../gleaner-error.ts';

/** A bucket, and a name or the beginning of one in it. */
export interface StorageAddress {
  bucket: string;
  /** Without a slash at its beginning or end. */
  path: string;
}

const ADDRESS = /^gs:\/\/([^/]*)(?:\/(.*))?$/s;
/** Google's rules: lower-case letters, digits, dashes, underscores and dots; 3 to 63, up to 222 with dots. */
const BUCKET = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;

/**
 * A bucket and the name of an object in it, or a pattern of names, as they are given.
 *
 * @throws {GleanerError} for what names no object
 */
export function parseObjectAddress(text: string): { bucket: string; name: string } {
  const { bucket } = parseStorageAddress(text);
  const name = text.slice(`gs://${bucket}/`.length);
  if (name !== '' && !name.endsWith('/')) return { bucket, name };
  throw new GleanerError(
    'option-invalid',
    `Cannot use ${text} as a file in Cloud Storage: it names none; give one, such as gs://${bucket}/${name}records.jsonl, or a pattern, such as gs://${bucket}/${name}*.jsonl`,
  );
}

/** @throws {GleanerError} for what is no address in Cloud Storage */
export function parseStorageAddress(text: string): StorageAddress {
  const [, bucket, path = ''] = ADDRESS.exec(text) ?? [];
  if (bucket === undefined || !BUCKET.test(bucket)) {
    throw new GleanerError(
      'option-invalid',
      `Cannot use ${JSON.stringify(text)} as a place in Cloud Storage: it must be gs:// and a bucket, such as gs://bucket/prefix`,
    );
  }
  // eslint-disable-next-line no-control-regex -- Google forbids just these.
  if (/[\r\n\0]/.test(path) || Buffer.byteLength(path) > MOST_NAME_BYTES) {
    throw new GleanerError(
      'option-invalid',
      `Cannot use that place in gs://${bucket}: names have no line breaks and at most 900 bytes`,
    );
  }
  return { bucket, path: path.replace(/^\/+|\/+$/g, '') };
}

/** Objects below it need room for their own names: Google takes 1,024 bytes. */
const MOST_NAME_BYTES = 900;
