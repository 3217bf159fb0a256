import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Bucket } from '../cloud-storage/bucket.ts';
import { GoogleRest } from '../cloud-storage/google-rest.ts';
import { parseObjectAddress } from '../cloud-storage/storage-address.ts';
import { googleAccess } from './google-access.ts';
import type { Environment } from './settings/settings.ts';

/**
 * Has a file written on this machine and puts it into Cloud Storage when it is whole, in the place of what is there.
 *
 * @throws {GleanerError} for an address that names no object, and where it cannot be written
 */
export async function writeElsewhere<Written>(
  address: string,
  write: (file: string) => Promise<Written>,
  {
    settings,
    environment,
  }: { settings: { text(name: 'auth' | 'base-url'): string | undefined }; environment: Environment },
): Promise<Written> {
  const { bucket, name } = parseObjectAddress(address);
  const { emulator, ...access } = googleAccess(settings, environment);
  const rest = new GoogleRest({ ...access, origin: emulator ?? 'https://storage.googleapis.com' });
  const folder = mkdtempSync(join(tmpdir(), 'gleaner-export-'));
  try {
    // Its name says the format.
    const path = join(folder, basename(name));
    const written = await write(path);
    await new Bucket(rest, bucket).replace(name, { path, bytes: statSync(path).size });
    return written;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await rest.close();
  }
}
