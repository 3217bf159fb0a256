import { setTimeout as sleep } from 'node:timers/promises';
import { openPoolReader } from '../../fleet/pool/pool-reader.ts';
import type { PoolStatus } from '../../fleet/pool/pool-status.ts';
import { poolStatusText } from '../../fleet/pool/pool-status-text.ts';
import type { ChunkQueue } from '../../fleet/queue/chunk-queue.ts';
import { fleetStatusText, type FleetStatus } from '../../fleet/queue/fleet-status.ts';
import type { Outage } from '../../fleet/queue/outage.ts';
import type { QueuePlace } from '../../fleet/queue/queue-connection.ts';
import { visible } from '../../text/visible.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { POOL_PASSWORD } from '../open-pool.ts';
import { openQueue, outageOf } from '../queue-place.ts';
import type { statusFlags } from '../settings/flags/after-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { FOLLOW_EVERY_MS } from './follow-interval.ts';

/** `gleaner status --pool <url>`: what runs share, and who of them is at work; with --follow until none is. */
export async function tellPoolStatus(
  url: string,
  settings: Settings<typeof statusFlags>,
  terminal: Terminal,
): Promise<number> {
  const prefix = settings.text('pool-prefix');
  const place = { url, password: terminal.environment[POOL_PASSWORD], prefix };
  const outage = outageOf(place, settings, (notice) => terminal.stderr.write(`${visible(notice)}\n`));
  const reader = await outage.outlast(() => openPoolReader(url, place));
  const { name, warnings } = reader;
  const queue = await openQueueIfInstalled(place, outage);
  const read = () => outage.outlast(async () => ({ status: await reader.read(), fleet: await queue?.status() }));
  const show = (status: PoolStatus, fleet: FleetStatus | undefined): void => {
    const text = settings.isOn('json')
      ? JSON.stringify({ pool: name, warnings, ...status, ...(fleet === undefined ? {} : { fleet }) })
      : visible([poolStatusText(status, name), ...(isSeen(fleet) ? [fleetStatusText(fleet)] : [])].join('\n'));
    terminal.stdout.write(`${text}\n`);
  };
  try {
    let { status, fleet } = await read();
    show(status, fleet);
    while (settings.isOn('follow') && (status.sessions.length > 0 || isAtWork(fleet))) {
      await sleep(FOLLOW_EVERY_MS);
      ({ status, fleet } = await read());
      show(status, fleet);
    }
    return EXIT_CODES.ok;
  } finally {
    reader.close();
    await queue?.close();
  }
}

/** The queue of the same place, where the package for queues is installed. */
async function openQueueIfInstalled(place: QueuePlace, outage: Outage): Promise<ChunkQueue | undefined> {
  try {
    await import('bullmq');
  } catch {
    return undefined;
  }
  return openQueue(place, outage);
}

function isSeen(fleet: FleetStatus | undefined): fleet is FleetStatus {
  return fleet !== undefined && fleet.runs.length + fleet.workers.length > 0;
}

function isAtWork(fleet: FleetStatus | undefined): boolean {
  return fleet?.runs.some(({ end, chunks }) => end === null && chunks.active + chunks.waiting > 0) === true;
}
