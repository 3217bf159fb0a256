import { ReportAggregates } from '../../accounting/run-profile.ts';
import type { Budget } from '../../accounting/budget.ts';
import type { Trial } from '../../cascade/threshold.ts';
import type { Prices } from '../../accounting/prices.ts';
import { UsageTally } from '../../accounting/usage-tally.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { JsonObject } from '../../json/value.ts';
import type { Manifest } from '../../store/manifest.ts';
import { KilledSessions } from '../../store/killed-sessions.ts';
import { recover, type RecoveredState, type RecoveryVisitor } from '../../store/recover.ts';
import { recoverTail } from '../../store/recover-tail.ts';
import { describeLostEnds } from '../../store/lost-ends.ts';
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
  /** What a checkpoint must be of; none is looked for where it is absent. */
  checkpointKey?: string | undefined;
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
  const { identity, outputSchema, settings, onTrial, checkpointKey } = options;
  try {
    const previous = directory.readManifest();
    const killed = new KilledSessions(previous?.sessions ?? []);
    const accounts = { directory, budget, prices, model, checkpointKey, onTrial, killed };
    const { recovered, tally, aggregates } = readBack(accounts);
    for (const notice of recovered.notices) onNotice?.(notice);
    const lost = describeLostEnds(directory, previous, recovered);
    if (lost !== undefined) onNotice?.(lost);
    const timed = previous && { ...previous, sessions: killed.timed() };
    const manifest = new ManifestWriter(directory, {
      previous: timed,
      identity,
      outputSchema,
      settings: settings(previous),
      firstCall: recovered.nextCall,
    });
    aggregates.beginSession();
    if (previous?.status !== 'finished') manifest.begin();
    return { previous, recovered, tally, aggregates, manifest };
  } catch (error) {
    // Before anything is sent, a directory that cannot be used is a reason not to start.
    throw error instanceof StoreError ? new GleanerError('directory-unusable', error.message, { cause: error }) : error;
  }
}

type Accounts = Pick<OpenedRun, 'recovered' | 'tally' | 'aggregates'>;
type ReadBackOptions = Pick<
  OpenRunOptions,
  'directory' | 'budget' | 'prices' | 'model' | 'checkpointKey' | 'onTrial'
> & { killed: Pick<KilledSessions, 'add'> };

/** Adds up what the logs hold: those lines only that a checkpoint beside them does not stand for, where there is one. */
export function readBack(options: ReadBackOptions): Accounts {
  const { directory, checkpointKey } = options;
  const checkpoint = checkpointKey === undefined ? undefined : directory.readCheckpoint(checkpointKey);
  if (checkpoint !== undefined) {
    const { saved } = checkpoint;
    const { tally, aggregates, visitor } = openAccounts(options);
    options.budget.resume(saved.spent);
    options.prices.resume(saved.usedPrices);
    tally.load(saved.tally);
    aggregates.load(saved.aggregates);
    const recovered = recoverTail(directory, visitor, checkpoint);
    if (saved.aggregates.latest !== undefined) options.killed.add(saved.aggregates.latest);
    if (recovered !== undefined) return { recovered, tally, aggregates };
    options.budget.resume();
    options.prices.resume();
  }
  directory.dropCheckpoint();
  const { tally, aggregates, visitor } = openAccounts(options);
  return { recovered: recover(directory, visitor), tally, aggregates };
}

function openAccounts({ budget, prices, model, onTrial, killed }: ReadBackOptions): Omit<Accounts, 'recovered'> & {
  visitor: RecoveryVisitor;
} {
  const tally = new UsageTally({ priceCall: (entry) => prices.costOf(entry), model });
  const aggregates = new ReportAggregates();
  const visitor: RecoveryVisitor = {
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
  };
  return { tally, aggregates, visitor };
}
