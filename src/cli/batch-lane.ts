import { createBatchLane, type BatchLane } from '../batch/batch-lane.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { SchemaField } from '../native/native-request.ts';
import { version } from '../packages/version.ts';
import type { Service } from './open-client.ts';
import type { runFlags } from './settings/flags/run-flags.ts';
import type { Settings } from './settings/settings.ts';

/** Jobs of the emulator go by in moments, and its lists do not lag. */
const EMULATED_TIMINGS = { firstPollMs: 50, longestPollMs: 500, listingLagMs: 0, cancelWaitMs: 10_000 };

/**
 * The lane by batch jobs that the flags ask for.
 *
 * @throws {GleanerError} where the service has no batch jobs, or the flags do not go together
 */
export function batchLaneOf(settings: Settings<typeof runFlags>, { google }: Service): BatchLane {
  const target = settings.text('batch') ?? '';
  if (google === undefined) {
    throw new GleanerError(
      'usage',
      "Cannot run by batch jobs here: they are for Google's models on Vertex AI; give --project and --location, without --base-url and --endpoint",
    );
  }
  if (settings.text('request-type') !== undefined) {
    throw new GleanerError(
      'usage',
      'Cannot run by batch jobs with --request-type: jobs have a price of their own; leave it out',
    );
  }
  const isWaiting = settings.isOn('wait');
  if (settings.isOn('emulator') && !isWaiting) {
    throw new GleanerError(
      'usage',
      'Cannot leave batch jobs to the embedded emulator, which ends with this command: add --wait, or start gleaner emulate and give its --base-url',
    );
  }
  const { project, location, credentials, emulator, proxy } = google;
  return createBatchLane({
    target,
    project,
    location,
    credentials,
    emulator,
    wait: isWaiting,
    onlineAfter: settings.text('online-after'),
    probe: !settings.isOn('no-batch-probe'),
    reasks: settings.isOn('batch-reasks'),
    uploadMedia: settings.isOn('batch-media'),
    schemaField: settings.text('batch-schema') as SchemaField | undefined,
    ...(emulator === undefined ? {} : { timings: EMULATED_TIMINGS }),
    userAgent: `gleaner/${version()}`,
    proxy,
  });
}
