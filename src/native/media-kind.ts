/** MIME types by the extensions that Gemini reads; the native API wants the type of a file said. */
const BY_EXTENSION: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
  ['gif', 'image/gif'],
  ['heic', 'image/heic'],
  ['heif', 'image/heif'],
  ['avif', 'image/avif'],
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
  ['wav', 'audio/wav'],
  ['mp3', 'audio/mpeg'],
  ['aac', 'audio/aac'],
  ['flac', 'audio/flac'],
  ['ogg', 'audio/ogg'],
  ['m4a', 'audio/mp4'],
  ['mp4', 'video/mp4'],
  ['mov', 'video/quicktime'],
  ['mpeg', 'video/mpeg'],
  ['mpg', 'video/mpeg'],
  ['webm', 'video/webm'],
]);

/** Kinds that go by another name as well. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['audio/mp3', 'mp3'],
  ['audio/x-wav', 'wav'],
  ['audio/m4a', 'm4a'],
]);

/** The extension that tells a MIME type; undefined for one that the service does not read. */
export function extensionOf(type: string): string | undefined {
  const known = [...BY_EXTENSION].find(([, kind]) => kind === type.toLowerCase());
  return known?.[0] ?? OTHER_NAMES.get(type.toLowerCase());
}

/** The MIME type that a file's name tells; undefined where it tells none. */
export function mediaKindOf(uri: string): string | undefined {
  const path = uri.replace(/[?#].*$/s, '');
  const extension = /\.([A-Za-z0-9]+)$/.exec(path)?.[1];
  return extension === undefined ? undefined : BY_EXTENSION.get(extension.toLowerCase());
}
