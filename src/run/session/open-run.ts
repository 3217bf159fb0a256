import { ReportAggregates } from '../../accounting/run-profile.ts';
import type { Budget } from '../../accounting/budget.ts';
import type { Trial } from '../../cascade/threshold.ts';
import type { Prices } from '../../accounting/prices.ts';
import { UsageTally } from '../../accounting/usage-tally.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { JsonObject } from '../../json/value.ts';
import type { Manifest } from '../../store/manifest.ts';
import { KilledSessions } from '../../store/killed-sessions.ts';
import { recover, type RecoveredState } from '../../store/recover.ts';
import type { RunDirectory } from '../../store/run-directory.ts';
import { StoreError } from '../../files/store-error.ts';
import { ManifestWriter } from './manifest-writer.ts';

/** What earlier sessions have left in a run directory, added up. */
export interface OpenedRun {
  /** The manifest as it was found. */
  previous: Manifest | undefined;
  recovered: RecoveredState;
  tally: UsageTally;
  aggregates: ReportAggregates;
  manifest: ManifestWriter;
}

export interface OpenRunOptions {
  directory: RunDirectory;
  budget: Budget;
  prices: Prices;
  model: string | undefined;
  identity: Manifest['identity'];
  outputSchema: JsonObject;
  settings: (previous: Manifest | undefined) => Manifest['settings'];
  onNotice: ((notice: string) => void) | undefined;
  /** Told of cheap answers that earlier sessions held against the strong model's. */
  onTrial?: ((trial: Trial) => void) | undefined;
}

/**
 * Reads back what the directory holds, and writes down that a run is under way. Only a finished run is left untouched: it is most
 * likely just being confirmed, and its manifest says `running` from the first entry on.
 *
 * @throws {GleanerError} when the directory cannot be used
 */
export function openRun({ directory, budget, prices, model, onNotice, ...options }: OpenRunOptions): OpenedRun {
  const { identity, outputSchema, settings, onTrial } = options;
  try {
    const previous = directory.readManifest();
    const tally = new UsageTally({ priceCall: (entry) => prices.costOf(entry), model });
    const aggregates = new ReportAggregates();
    const killed = new KilledSessions(previous?.sessions ?? []);
    const recovered = recover(directory, {
      onResult: (entry) => {
        aggregates.addResult(entry);
        if (entry.trial !== undefined) onTrial?.(entry.trial);
      },
      onAttempt: (entry) => {
        tally.addAttempt(entry);
        aggregates.addAttempt(entry);
        budget.addEarlier(entry);
        killed.add(entry);
      },
      onReject: (entry) => {
        tally.addReject(entry.error.code);
        aggregates.addReject(entry);
        if (entry.trial !== undefined) onTrial?.(entry.trial);
      },
    });
    for (const notice of recovered.notices) onNotice?.(notice);
    const timed = previous && { ...previous, sessions: killed.timed() };
    const manifest = new ManifestWriter(directory, {
      previous: timed,
      identity,
      outputSchema,
      settings: settings(previous),
    });
    if (previous?.status !== 'finished') manifest.begin();
    return { previous, recovered, tally, aggregates, manifest };
  } catch (error) {
    // Before anything is sent, a directory that cannot be used is a reason not to start.
    throw error instanceof StoreError ? new GleanerError('directory-unusable', error.message, { cause: error }) : error;
  }
}
