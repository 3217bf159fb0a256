import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredObject } from '../cloud-storage/stored-object.ts';
import type { PartStore } from '../fleet/parts/part-store.ts';
import { demandOwn, digestOfManifest, isNoted } from '../fleet/parts/replace-merge.ts';
import { readManifest, type Manifest } from '../store/manifest.ts';
import { fileNames } from '../store/run-directory.ts';
import type { Environment } from './settings/settings.ts';

export interface Surroundings {
  settings: { text(name: 'auth' | 'base-url'): string | undefined };
  environment: Environment;
}

/** What is written down beside the parts. */
type Notes = Pick<PartStore, 'read' | 'create' | 'list'>;

/** A merged run in a bucket. */
export interface BucketOut {
  /** @returns whether a merged run stands there. @throws {GleanerError} where something stands there that was not merged of these parts */
  demandOwn(store: Notes, task?: string): Promise<boolean>;
  /**
   * Puts a merged run there, its manifest last: what has none is no run yet. One that somebody has gone on with is left as it is. Throws as
   * `demandOwn` does, and where another one puts files there meanwhile.
   */
  upload(directory: string, store: Notes, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Opens the place in a bucket that is given as the run directory of a merge. */
export async function openBucketOut(out: string, { settings, environment }: Surroundings): Promise<BucketOut> {
  const { googleAccess } = await import('./google-access.ts');
  const { Bucket } = await import('../cloud-storage/bucket.ts');
  const { GoogleRest } = await import('../cloud-storage/google-rest.ts');
  const { parseStorageAddress } = await import('../cloud-storage/storage-address.ts');
  const { bucket: name, path } = parseStorageAddress(out.replace(/\/+$/, ''));
  const { emulator, ...access } = googleAccess(settings, environment);
  const rest = new GoogleRest({ ...access, origin: emulator ?? 'https://storage.googleapis.com' });
  const bucket = new Bucket(rest, name);

  /** What stands there; `state` is that of the merge that it came of. */
  const look = async (store: Notes, task?: string): Promise<{ state: string | undefined; manifest: Buffer }> => {
    const stored = await bucket.stat(`${path}/${fileNames.manifest}`);
    const manifest = stored === undefined ? Buffer.alloc(0) : await contentOf(stored);
    // An upload that was cut off: its files are replaced.
    const isFree = stored === undefined && ((await store.read(UPLOADING)) !== undefined || !(await hasAny(`${path}/`)));
    if (isFree) return { state: undefined, manifest };
    return { state: await demandOwn(store, { out, task, manifest: stored && readIn(manifest) }), manifest };
  };

  async function hasAny(prefix: string): Promise<boolean> {
    for await (const _ of bucket.list(prefix)) return true;
    return false;
  }

  async function contentOf({ name: object, generation }: StoredObject): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for await (const piece of bucket.read(object, { generation })) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  function readIn(content: Buffer): Manifest | undefined {
    const folder = mkdtempSync(join(tmpdir(), 'gleaner-manifest-'));
    try {
      const file = join(folder, fileNames.manifest);
      writeFileSync(file, content);
      return readManifest(file);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  return {
    demandOwn: async (store, task) => (await look(store, task)).state !== undefined,
    async upload(directory, store, signal) {
      // Before it is looked at: what another one puts there from here on is not replaced.
      const generations = new Map<string, string>();
      for await (const { name: object, generation } of bucket.list(`${path}/`)) generations.set(object, generation);
      const { state, manifest } = await look(store);
      const isTheirs =
        state !== undefined &&
        (generations.has(`${path}/${fileNames.labels}`) || !(await isNoted(store, state, digestOfManifest(manifest))));
      if (isTheirs) return;
      const all = readdirSync(directory, { recursive: true, encoding: 'utf8' });
      const files = all.filter((file) => file !== fileNames.manifest && statSync(join(directory, file)).isFile());
      await store.create(UPLOADING, '{}\n');
      for (const file of [...files, fileNames.manifest]) {
        signal?.throwIfAborted();
        const local = join(directory, file);
        const object = `${path}/${file.replaceAll('\\', '/')}`;
        const options = { generation: generations.get(object) ?? '0', signal };
        await bucket.replace(object, { path: local, bytes: statSync(local).size }, options);
      }
    },
    close: () => rest.close(),
  };
}

/** The note of an upload that has begun. */
const UPLOADING = 'uploading.json';
