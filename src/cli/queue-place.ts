import { ChunkQueue, type ChunkQueueOptions } from '../fleet/queue/chunk-queue.ts';
import { Outage } from '../fleet/queue/outage.ts';
import { describePool, parsePoolAddress } from '../fleet/pool/pool-address.ts';
import type { QueuePlace } from '../fleet/queue/queue-connection.ts';
import { GleanerError } from '../gleaner-error.ts';
import { POOL_PASSWORD } from './open-pool.ts';
import type { Environment } from './settings/settings.ts';

/** @throws {GleanerError} where no flag says where the queue is */
export function queuePlaceOf(
  settings: { text(name: 'pool' | 'pool-prefix'): string | undefined },
  environment: Environment,
): QueuePlace {
  const url = settings.text('pool');
  if (url === undefined) {
    throw new GleanerError('usage', 'Cannot find the queue: say where it is with --pool redis://host:port/0');
  }
  return { url, password: environment[POOL_PASSWORD], prefix: settings.text('pool-prefix') };
}

/** How the queue's server is waited for, as `--pool-wait-ms` says. */
export function outageOf(
  { url, prefix }: QueuePlace,
  settings: { number(name: 'pool-wait-ms'): number | undefined },
  onNotice: (notice: string) => void,
): Outage {
  const name = describePool(parsePoolAddress(url, prefix));
  return new Outage({ name, waitMs: settings.number('pool-wait-ms'), onNotice });
}

/** Opens the queue; a server that is not there yet is waited for. */
export function openQueue(
  place: QueuePlace,
  outage: Outage,
  { signal, ...options }: ChunkQueueOptions & { signal?: AbortSignal } = {},
): Promise<ChunkQueue> {
  return outage.outlast(() => ChunkQueue.open(place, options), signal);
}
