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
