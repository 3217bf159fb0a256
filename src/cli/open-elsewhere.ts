import type { StorageInput } from '../cloud-storage/storage-input.ts';
import type { FileOptions } from '../records/input-source.ts';
import type { Service } from './open-client.ts';
import type { Environment } from './settings/settings.ts';

/** Whether an input is no file of this machine. */
export function isElsewhere(input: string): boolean {
  return input.startsWith('gs://');
}

interface Surroundings {
  settings: { text(name: 'auth' | 'base-url'): string | undefined };
  environment: Environment;
  service?: Service;
}

/** Opens an input that is elsewhere. Loaded where it is wanted: most inputs are files. */
export async function openElsewhere(
  address: string,
  { format, delimiter, encoding, fillShortRows }: Partial<FileOptions>,
  { settings, environment, service }: Surroundings,
): Promise<StorageInput> {
  const { googleAccess } = await import('./google-access.ts');
  const { createStorageInput } = await import('../cloud-storage/storage-input.ts');
  return createStorageInput(address, {
    ...googleAccess(settings, environment, service),
    reading: {
      ...(format === undefined ? {} : { format }),
      ...(delimiter === undefined ? {} : { delimiter }),
      ...(encoding === undefined ? {} : { encoding }),
      ...(fillShortRows === undefined ? {} : { fillShortRows }),
    },
  });
}
