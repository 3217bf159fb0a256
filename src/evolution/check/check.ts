import type { CompatibilityMode } from '../../extraction/definition.ts';
import type { StoredAcceptance } from './accept-record.ts';
import { admitsNothing } from './admits-nothing.ts';
import type { Baseline } from './baseline-schema.ts';
import { checkPair, type CheckedPair, type CheckVerdict } from './check-pair.ts';
import type { ReaderModel } from '../engine/reader-model.ts';
import { checkRemoved, type RemovedDefinition } from './removed-definition.ts';
import { isSameContent, isSameInOtherWords, type Snapshot, type SnapshotContent } from './snapshot.ts';

/** A definition that is to be checked, with what lies beside it. */
export interface CheckCandidate {
  readonly content: SnapshotContent;
  /** What names the definition on a command line, such as `schemas/receipt.ts`. */
  readonly reference: string;
  /** Path of the definition's file from the root of the repository, for annotations. */
  readonly file: string;
  /** Text of that file. */
  readonly source: string;
  readonly mode: CompatibilityMode;
  /** Whether the mode was given for this check, whatever definition and baseline say. */
  readonly isModeGiven?: boolean;
  readonly acceptances: readonly StoredAcceptance[];
  /** The newest snapshot; absent where none was taken; `null` where snapshots play no part. */
  readonly locked: Snapshot | undefined | null;
}

export interface CheckedDefinition {
  readonly candidate: CheckCandidate;
  readonly verdict: CheckVerdict;
  /** One for each schema of the baseline, newest first. */
  readonly pairs: readonly CheckedPair[];
  /**
   * Whether the newest snapshot is the definition as it stands; `rewritten` where it is, in the words of another version of
   * zod; `null` where snapshots play no part.
   */
  readonly lock: 'locked' | 'rewritten' | 'outdated' | 'missing' | null;
  /** The zods that wrote the newest snapshot and the definition, where they are known and differ. */
  readonly zods?: { readonly before: string; readonly now: string };
  /** What else is to be known of its schema, as sentences. */
  readonly remarks: readonly string[];
  /** Acceptances that no longer hold between any of these schemas. */
  readonly stale: readonly StoredAcceptance[];
}

export interface CheckReport {
  /** Where the old schemas came from, in words. */
  readonly against: string;
  /** What `--against` was, to be given again. */
  readonly againstOption: string;
  readonly reader: ReaderModel;
  readonly definitions: readonly CheckedDefinition[];
  /** What the baseline has and no definition does: removed or renamed, which breaks whoever reads their results. */
  readonly removed: readonly RemovedDefinition[];
  /** What could not be checked; the check as a whole fails for it. */
  readonly unloaded: readonly UnloadedDefinition[];
  /** What else is to be known of the check as a whole, as sentences. */
  readonly remarks?: readonly string[];
}

/** A module that does not load, or a definition that cannot be compared. */
export interface UnloadedDefinition {
  /** What names it on a command line. */
  readonly reference: string;
  /** Path of its file from the root of the repository. */
  readonly file: string;
  readonly message: string;
}

export interface CheckOptions {
  readonly reader: ReaderModel;
  /** What `--against` was, to be given again. */
  readonly againstOption: string;
  /** What new refinements and transforms do, which no schema shows; default `note`. */
  readonly unseen?: 'note' | 'fail';
  /** Whether the candidates are all there are, so that what else the baseline has is gone; default false. */
  readonly isWhole?: boolean;
  /** What was accepted for definitions that are gone, by their names. */
  readonly acceptedRemovals?: ReadonlyMap<string, readonly StoredAcceptance[]>;
  readonly unloaded?: readonly UnloadedDefinition[];
  readonly remarks?: readonly string[];
  /** Most steps for comparing two schemas; default 2,000,000. */
  readonly budget?: number;
}

const WORST_FIRST: readonly CheckVerdict[] = ['breaking', 'unknown', 'accepted', 'compatible', 'unchecked'];

/** Compares every candidate with each of its schemas in the baseline; the worst verdict is the definition's. */
export function checkDefinitions(
  candidates: readonly CheckCandidate[],
  baseline: Baseline,
  options: CheckOptions,
): CheckReport {
  const { reader, againstOption, unseen = 'note', isWhole = false, unloaded = [], remarks = [], budget } = options;
  const definitions = candidates.map((candidate): CheckedDefinition => {
    const { content, mode, isModeGiven = false, acceptances, locked } = candidate;
    const older = baseline.schemas.get(content.name) ?? [];
    const pairs = older
      .map((schema) =>
        checkPair(schema, content, {
          mode,
          reader,
          acceptances,
          isModeGiven,
          unseen,
          ...(budget === undefined ? {} : { budget }),
        }),
      )
      .toReversed();
    return {
      candidate,
      verdict: WORST_FIRST.find((verdict) => pairs.some((pair) => pair.verdict === verdict)) ?? 'new',
      pairs,
      lock: locked === null ? null : lockOf(locked, content),
      ...zodsOf(locked ?? undefined, content),
      remarks:
        pairs.length === 0 && admitsNothing(content.schema)
          ? ['The schema admits no document at all']
          : [...new Set(pairs.flatMap(({ remarks }) => remarks))],
      stale: acceptances.filter(
        ({ oldHash, newHash, oldNumber }) =>
          newHash !== content.hash ||
          !older.some(({ hash, number }) => hash === oldHash && (oldNumber === undefined || oldNumber === number)),
      ),
    };
  });
  return {
    against: baseline.label,
    againstOption,
    reader,
    definitions,
    // A module that does not load may define what seems to be gone.
    removed: isWhole && unloaded.length === 0 ? removedFrom(baseline, definitions, options) : [],
    unloaded,
    remarks,
  };
}

function removedFrom(
  { others }: Baseline,
  definitions: readonly CheckedDefinition[],
  { acceptedRemovals }: CheckOptions,
): RemovedDefinition[] {
  const added = definitions.filter(({ verdict }) => verdict === 'new').map(({ candidate }) => candidate.content);
  return [...others.values()].map((older) =>
    checkRemoved(older, { acceptances: acceptedRemovals?.get(older.name) ?? [], added }),
  );
}

function zodsOf(locked: Snapshot | undefined, { zod: now }: SnapshotContent): Pick<CheckedDefinition, 'zods'> {
  const before = locked?.zod;
  return before === undefined || now === undefined || before === now ? {} : { zods: { before, now } };
}

function lockOf(
  locked: Snapshot | undefined,
  content: SnapshotContent,
): 'locked' | 'rewritten' | 'outdated' | 'missing' {
  if (locked === undefined) return 'missing';
  if (isSameContent(locked, content)) return 'locked';
  return isSameInOtherWords(locked, content) ? 'rewritten' : 'outdated';
}

/** Breaking and undecided changes fail a check, unless they were accepted. */
export function isFailing({ verdict }: CheckedDefinition): boolean {
  return verdict === 'breaking' || verdict === 'unknown';
}

/** Whether the check as a whole fails: for a definition, for one that is gone, or for one that could not be checked. */
export function isReportFailing({ definitions, removed, unloaded }: CheckReport): boolean {
  return (
    definitions.some(isFailing) || removed.some(({ acceptance }) => acceptance === undefined) || unloaded.length > 0
  );
}
