import { onTestFinished } from 'vitest';
import { Bucket } from '../../src/cloud-storage/bucket.ts';
import { GoogleRest } from '../../src/cloud-storage/google-rest.ts';
import { startEmulator, type BatchOptions, type Emulator } from '../../src/emulator/index.ts';

export const credentials = {
  headers: () => Promise.resolve({ authorization: 'Bearer any' }),
  refresh: () => undefined,
};

/** A bucket of an emulator that ends with the test. */
export async function emulatedBucket(batch: BatchOptions = {}): Promise<{ emulator: Emulator; bucket: Bucket }> {
  const emulator = await startEmulator({ batch });
  const rest = new GoogleRest({ credentials, origin: emulator.origin, backoff: { baseMs: 1 } });
  onTestFinished(async () => {
    await rest.close();
    await emulator.close();
  });
  return { emulator, bucket: new Bucket(rest, 'bucket') };
}
