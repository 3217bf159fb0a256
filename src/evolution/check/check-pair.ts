import type { CompatibilityMode } from '../../extraction/definition.ts';
import { covers, type StoredAcceptance } from './accept-record.ts';
import type { BaselineSchema } from './baseline-schema.ts';
import type { ChangeDirection } from '../changes/change-rules.ts';
import type { SchemaChange } from '../changes/changes.ts';
import { compareUnseen, type UnseenChange } from './check-unseen.ts';
import {
  compareWithin,
  DEFAULT_BUDGET,
  type DirectionResult,
  type SchemaComparison,
  type Verdict,
} from '../engine/compare-schemas.ts';
import { admitsNothing } from './admits-nothing.ts';
import { Budget } from '../engine/budget.ts';
import type { ReaderModel } from '../engine/reader-model.ts';
import { areIntegersNarrowed, withIntegerLimits } from './safe-integers.ts';
import { inputSchemaOf, type SnapshotContent } from './snapshot.ts';

/** `unchecked`: the mode demands nothing; `new`: there is no older schema. */
export type CheckVerdict = 'compatible' | 'breaking' | 'unknown' | 'accepted' | 'unchecked' | 'new';

/** A definition as it stands, compared with one schema of the baseline. */
export interface CheckedPair {
  readonly baseline: { readonly label: string; readonly path: string; readonly hash: string; readonly number?: number };
  readonly verdict: Exclude<CheckVerdict, 'new'>;
  readonly backward: DirectionResult;
  readonly forward: DirectionResult;
  /** The directions that the mode demands and that are not compatible. */
  readonly failing: readonly ChangeDirection[];
  readonly changes: readonly SchemaChange[];
  /** The definition demands less of edits than the baseline did: whatever breaks from now on would pass. */
  readonly weakened?: { readonly from: CompatibilityMode; readonly to: CompatibilityMode };
  /** What else is to be known of this comparison, as sentences. */
  readonly remarks: readonly string[];
  /** Instructions or prompt are others: answers may change without the schema. */
  readonly isPromptChanged: boolean;
  /** Refinements and transforms that the baseline did not have, had otherwise, or had alone. */
  readonly unseenChanges: readonly UnseenChange[];
  /** Those of them that fail the check, where that is asked for. */
  readonly refusedUnseen: readonly UnseenChange[];
  /** The decision that lets the break pass. */
  readonly acceptance?: StoredAcceptance;
}

/** The directions that a mode demands. */
function directionsOf(mode: CompatibilityMode): readonly ChangeDirection[] {
  switch (mode) {
    case 'backward':
    case 'forward':
      return [mode];
    case 'full':
      return ['backward', 'forward'];
    case 'none':
      return [];
    default:
      return mode satisfies never;
  }
}

export interface PairOptions {
  readonly mode: CompatibilityMode;
  readonly reader: ReaderModel;
  readonly acceptances?: readonly StoredAcceptance[];
  /** Whether the mode was given for this check, whatever definition and baseline say. */
  readonly isModeGiven?: boolean;
  /** What new, edited and lost refinements and transforms do, which no schema shows; default `note`. */
  readonly unseen?: 'note' | 'fail';
  /** Most steps for the comparison; default 2,000,000. */
  readonly budget?: number;
}

export function checkPair(older: BaselineSchema, newer: SnapshotContent, options: PairOptions): CheckedPair {
  const { mode, reader, acceptances = [], isModeGiven = false, unseen = 'note' } = options;
  const budget = new Budget(options.budget ?? DEFAULT_BUDGET);
  const comparison = holdIntegers(older, newer, reader, compare(older, newer, reader, budget), budget);
  const { backward, forward, changes } = comparison;
  // A pull request that lowers what is demanded of it does not pass by that.
  const before = isModeGiven || older.compatibility === undefined ? mode : older.compatibility;
  const own = directionsOf(mode);
  const demanded = [...new Set([...directionsOf(before), ...own])];
  const weakened = demanded.length > own.length ? { from: before, to: mode } : undefined;
  const failing = demanded.filter((direction) => comparison[direction].verdict !== 'compatible');
  const { number } = older;
  const unseenChanges = compareUnseen(older.unseen, newer.unseen);
  const refusedUnseen = unseen === 'fail' ? unseenChanges : [];
  const hashes = { oldHash: older.hash, newHash: newer.hash, number, reader };
  const isLoosened = weakened !== undefined || refusedUnseen.length > 0;
  const acceptance =
    failing.length > 0 || isLoosened
      ? acceptances.find((candidate) =>
          covers(candidate, { ...hashes, directions: failing, weakened, unseen: refusedUnseen }),
        )
      : undefined;
  return {
    baseline: {
      label: older.label,
      path: older.path,
      hash: older.hash,
      ...(number === undefined ? {} : { number }),
    },
    verdict:
      acceptance !== undefined
        ? 'accepted'
        : isLoosened
          ? 'breaking'
          : demanded.length === 0
            ? 'unchecked'
            : worstOf(failing.map((direction) => comparison[direction].verdict)),
    backward,
    forward,
    failing,
    changes,
    isPromptChanged:
      older.promptHash !== undefined && newer.promptHash !== undefined && older.promptHash !== newer.promptHash,
    unseenChanges,
    refusedUnseen,
    remarks: remarksOf(older, newer, comparison),
    ...(weakened === undefined ? {} : { weakened }),
    ...(acceptance === undefined ? {} : { acceptance }),
  };
}

/** Looks at a "compatible" again with the limits that zod 4 gives its integers and that schemas do not show. */
function holdIntegers(
  older: BaselineSchema,
  newer: SnapshotContent,
  reader: ReaderModel,
  comparison: SchemaComparison,
  budget: Budget,
): SchemaComparison {
  const zod = older.zod ?? newer.zod;
  function hold(writer: SnapshotContent, of: SnapshotContent, direction: ChangeDirection): SchemaComparison {
    if (comparison[direction].verdict !== 'compatible') return comparison;
    const schema = reader === 'zod' ? inputSchemaOf(of) : of.schema;
    const limited = withIntegerLimits(
      { schema: writer.schema, zod: writer === older ? zod : writer.zod },
      { schema, zod: of === older ? zod : of.zod },
    );
    if (limited === undefined) return comparison;
    const { backward: held, changes } = compareWithin(budget, limited.writer, limited.reader);
    return held.verdict === 'compatible' ? comparison : { ...comparison, [direction]: held, changes };
  }
  const { backward, changes } = hold(older, newer, 'backward');
  const { forward } = hold(newer, older, 'forward');
  return { backward, forward, changes };
}

function remarksOf(older: BaselineSchema, newer: SnapshotContent, { backward, forward }: SchemaComparison): string[] {
  const remarks: string[] = [];
  if (areIntegersNarrowed(older, newer)) {
    remarks.push(
      `zod 4 refuses integers beyond ${Number.MAX_SAFE_INTEGER}, which zod 3 took: stored results that have such are refused now`,
    );
  }
  for (const [inexact, where] of [
    [older.inexact, 'old'],
    [newer.inexact, 'new'],
  ]) {
    if (inexact === undefined) continue;
    remarks.push(`A number at ${inexact} of the ${where} schema has more digits than can be compared: it was rounded`);
  }
  if (older.hash !== newer.hash) {
    const isVacuous = backward.verdict === 'compatible' && admitsNothing(older.schema);
    if (isVacuous) remarks.push('The old schema admits no document at all, so that any other is compatible with it');
    // A document that readers with the old schema refuse is one that the new schema admits.
    if ((backward.verdict !== 'compatible' || isVacuous) && forward.witness === undefined)
      if (admitsNothing(newer.schema)) remarks.push('The new schema admits no document at all');
  }
  return remarks;
}

/** Whether something of the pair fails the check unless it is accepted. */
export function hasFailure({ failing, weakened, refusedUnseen }: CheckedPair): boolean {
  return failing.length > 0 || weakened !== undefined || refusedUnseen.length > 0;
}

function worstOf(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.length === 0) return 'compatible';
  return verdicts.includes('breaking') ? 'breaking' : 'unknown';
}

const SAME: SchemaComparison = {
  backward: { verdict: 'compatible', reasons: [] },
  forward: { verdict: 'compatible', reasons: [] },
  changes: [],
};

/**
 * Results are written by the output side of a zod schema. A validator reads them with the output side as well, zod with
 * the input side: it fills in defaults and drops unknown properties.
 */
function compare(
  older: SnapshotContent,
  newer: SnapshotContent,
  reader: ReaderModel,
  budget: Budget,
): SchemaComparison {
  const isSame = older.hash === newer.hash;
  if (reader === 'validator') return isSame ? SAME : compareWithin(budget, older.schema, newer.schema);
  const { changes } = isSame ? SAME : budget.allot(1 / 3, () => compareWithin(budget, older.schema, newer.schema));
  const { backward } = budget.allot(1 / 2, () => compareWithin(budget, older.schema, inputSchemaOf(newer)));
  const { backward: forward } = compareWithin(budget, newer.schema, inputSchemaOf(older));
  return { backward, forward, changes };
}
