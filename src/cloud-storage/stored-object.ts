import type { JsonObject } from '../json/value.ts';

/** One state of an object in a bucket. */
export interface StoredObject {
  name: string;
  /** Changes with every write, and never comes back. */
  generation: string;
  size: number;
  /** Base64, as Google gives it. */
  crc32c: string | undefined;
  contentEncoding: string | undefined;
}

export function readStoredObject(resource: JsonObject): StoredObject {
  const { name, generation, size, crc32c, contentEncoding } = resource;
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  return {
    name: text(name) ?? '',
    generation: String(generation ?? ''),
    size: Number(size ?? 0),
    crc32c: text(crc32c),
    contentEncoding: text(contentEncoding),
  };
}
