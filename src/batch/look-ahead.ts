import { toNativeContents } from '../native/native-contents.ts';
import type { LaneRun } from '../run/lane.ts';
import type { Journal } from '../run/ports.ts';
import type { MediaUploads } from './media-uploads.ts';

interface LookAheadParts {
  journal: Journal;
  media: MediaUploads;
  stop: AbortSignal;
  onRecord(): void;
}

/**
 * Looks at every record before the first of them is uploaded. Only where the definition has a function make the prompts can some records
 * hold what lines of jobs cannot, so that other runs are spared the way through their input.
 *
 * @throws {GleanerError} for the first record that no job can be asked for
 */
export async function lookAhead(
  { prepared, openPass }: LaneRun,
  { journal, media, stop, onRecord }: LookAheadParts,
): Promise<void> {
  if (media.isAllowed || typeof prepared.reading.prompt === 'string') return;
  const { feed, close } = await openPass(journal);
  try {
    for (let task = await feed.next(); task !== undefined; task = await feed.next()) {
      onRecord();
      media.check(task);
      toNativeContents(task.messages);
      stop.throwIfAborted();
    }
  } finally {
    await close();
  }
}
