import { createHash } from 'node:crypto';
import type { JsonObject } from '../../json/value.ts';
import { crc32c } from '../../files/crc32c.ts';

/** An object of the emulated Cloud Storage. */
export interface EmulatedObject {
  bucket: string;
  name: string;
  generation: string;
  contentType: string;
  content: Buffer;
}

/** What a call demands of the object that is there. */
export interface Preconditions {
  ifGenerationMatch?: string | undefined;
}

/** All objects, in memory. Every bucket is there, as nobody pays for one. */
export class ObjectTable {
  readonly #objects = new Map<string, EmulatedObject>();
  #lastGeneration = 1_700_000_000_000_000n;

  get(bucket: string, name: string): EmulatedObject | undefined {
    return this.#objects.get(keyOf(bucket, name));
  }

  /** Whether the object that is there, or its absence, is what the call demands. */
  meets(bucket: string, name: string, { ifGenerationMatch }: Preconditions): boolean {
    return ifGenerationMatch === undefined || (this.get(bucket, name)?.generation ?? '0') === ifGenerationMatch;
  }

  put(bucket: string, name: string, content: Buffer, contentType = 'application/octet-stream'): EmulatedObject {
    this.#lastGeneration += 1n;
    const object = { bucket, name, content, contentType, generation: String(this.#lastGeneration) };
    this.#objects.set(keyOf(bucket, name), object);
    return object;
  }

  delete(bucket: string, name: string): boolean {
    return this.#objects.delete(keyOf(bucket, name));
  }

  /** By name, as the service lists. */
  list(bucket: string, prefix: string): EmulatedObject[] {
    const found = [...this.#objects.values()].filter((one) => one.bucket === bucket && one.name.startsWith(prefix));
    return found.sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  reset(): void {
    this.#objects.clear();
  }
}

/** An object as the service describes it. */
export function resourceOf({ bucket, name, generation, contentType, content }: EmulatedObject): JsonObject {
  return {
    kind: 'storage#object',
    bucket,
    name,
    generation,
    metageneration: '1',
    contentType,
    size: String(content.length),
    crc32c: crc32c(content),
    md5Hash: createHash('md5').update(content).digest('base64'),
  };
}

function keyOf(bucket: string, name: string): string {
  return `${bucket}/${name}`;
}
