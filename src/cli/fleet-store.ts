import { tmpdir } from 'node:os';
import { BucketPartStore } from '../fleet/parts/bucket-part-store.ts';
import { FilePartStore } from '../fleet/parts/file-part-store.ts';
import type { PartStore } from '../fleet/parts/part-store.ts';
import { placeOfParts } from '../store/place-of-parts.ts';
import { isInBucket } from './open-elsewhere.ts';
import type { Environment } from './settings/settings.ts';

interface Surroundings {
  settings: { text(name: 'auth' | 'base-url'): string | undefined };
  environment: Environment;
}

/** Opens the store of a run's parts. */
export async function openFleetStore(out: string, { settings, environment }: Surroundings): Promise<PartStore> {
  const place = placeOfParts(out);
  if (!isInBucket(out)) return new FilePartStore(place);
  const { googleAccess } = await import('./google-access.ts');
  const { Bucket } = await import('../cloud-storage/bucket.ts');
  const { GoogleRest } = await import('../cloud-storage/google-rest.ts');
  const { parseStorageAddress } = await import('../cloud-storage/storage-address.ts');
  const { bucket, path } = parseStorageAddress(place);
  const { emulator, ...access } = googleAccess(settings, environment);
  const rest = new GoogleRest({ ...access, origin: emulator ?? 'https://storage.googleapis.com' });
  const store = new BucketPartStore({ bucket: new Bucket(rest, bucket), prefix: path, scratch: tmpdir() });
  const close = store.close.bind(store);
  store.close = async () => {
    await close();
    await rest.close();
  };
  return store;
}
