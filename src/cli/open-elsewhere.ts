import type { Extraction } from '../extraction/definition.ts';
import type { FileOptions, InputSource } from '../records/input-source.ts';
import type { Service } from './open-client.ts';
import type { Environment } from './settings/settings.ts';

/** Whether what is named lies in a bucket of Cloud Storage. */
export function isInBucket(place: string): boolean {
  return place.startsWith('gs://');
}

/** Whether what is named is a table of BigQuery. */
export function isTable(place: string): boolean {
  return place.startsWith('bq://');
}

/** Whether an input is no file of this machine. */
export function isElsewhere(input: string): boolean {
  return isInBucket(input) || isTable(input);
}

/** The run that an input is opened for. */
interface ReadingRun extends Partial<FileOptions> {
  extraction: Extraction;
  idField?: string | undefined;
  out: string;
  acceptChanges?: boolean | undefined;
  tell: (notice: string) => void;
}

interface Surroundings {
  settings: { text(name: 'auth' | 'base-url'): string | undefined };
  environment: Environment;
  service?: Service;
}

/** Opens an input that is elsewhere. Loaded where it is wanted: most inputs are files. */
export async function openElsewhere(
  address: string,
  run: ReadingRun,
  { settings, environment, service }: Surroundings,
): Promise<InputSource & { close(): Promise<void> }> {
  const { googleAccess } = await import('./google-access.ts');
  const access = googleAccess(settings, environment, service);
  if (isTable(address)) {
    const { openTable } = await import('./open-table.ts');
    return openTable(address, run, { ...access, project: service?.google?.project });
  }
  const { createStorageInput } = await import('../cloud-storage/storage-input.ts');
  const { format, delimiter, encoding, fillShortRows } = run;
  return createStorageInput(address, {
    ...access,
    reading: {
      ...(format === undefined ? {} : { format }),
      ...(delimiter === undefined ? {} : { delimiter }),
      ...(encoding === undefined ? {} : { encoding }),
      ...(fillShortRows === undefined ? {} : { fillShortRows }),
    },
  });
}
