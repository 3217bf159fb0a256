import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredObject } from '../cloud-storage/stored-object.ts';
import type { PartStore } from '../fleet/parts/part-store.ts';
import { demandOwn } from '../fleet/parts/replace-merge.ts';
import { readManifest, type Manifest } from '../store/manifest.ts';
import { fileNames } from '../store/run-directory.ts';
import type { Environment } from './settings/settings.ts';

export interface Surroundings {
  settings: { text(name: 'auth' | 'base-url'): string | undefined };
  environment: Environment;
}

/** What is written down beside the parts. */
type Notes = Pick<PartStore, 'read' | 'create'>;

/** A merged run in a bucket. */
export interface BucketOut {
  /** @throws {GleanerError} where something stands there that was not merged of these parts */
  demandOwn(store: Notes, task?: string): Promise<void>;
  /** Puts a merged run there, its manifest last: what has none is no run yet. Throws as `demandOwn` does. */
  upload(directory: string, store: Notes): Promise<void>;
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

  const demand: BucketOut['demandOwn'] = async (store, task) => {
    const manifest = await bucket.stat(`${path}/${fileNames.manifest}`);
    if (manifest === undefined) {
      // An upload that was cut off: its files are replaced.
      if ((await store.read(UPLOADING)) !== undefined || !(await hasAny(`${path}/`))) return;
    }
    await demandOwn(store, { out, task, manifest: manifest && (await fetchManifest(manifest)) });
  };

  async function hasAny(prefix: string): Promise<boolean> {
    for await (const _ of bucket.list(prefix)) return true;
    return false;
  }

  async function fetchManifest({ name: object, generation }: StoredObject): Promise<Manifest | undefined> {
    const folder = mkdtempSync(join(tmpdir(), 'gleaner-manifest-'));
    try {
      const pieces: Uint8Array[] = [];
      for await (const piece of bucket.read(object, { generation })) pieces.push(piece);
      const file = join(folder, fileNames.manifest);
      writeFileSync(file, Buffer.concat(pieces));
      return readManifest(file);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  return {
    demandOwn: demand,
    async upload(directory, store) {
      await demand(store);
      const all = readdirSync(directory, { recursive: true, encoding: 'utf8' });
      const files = all.filter((file) => file !== fileNames.manifest && statSync(join(directory, file)).isFile());
      await store.create(UPLOADING, '{}\n');
      for (const file of [...files, fileNames.manifest]) {
        const local = join(directory, file);
        await bucket.replace(`${path}/${file.replaceAll('\\', '/')}`, { path: local, bytes: statSync(local).size });
      }
    },
    close: () => rest.close(),
  };
}

/** The note of an upload that has begun. */
const UPLOADING = 'uploading.json';
