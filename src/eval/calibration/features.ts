import type { ValueSignals } from './value-signals.ts';

/** What a regression is given of the signals, by the names that stand in calibration.json. */
export const FEATURES: readonly { name: string; of(signals: ValueSignals): number }[] = [
  { name: 'agreement', of: ({ agreement = 0 }) => agreement },
  { name: 'asked once', of: ({ agreement }) => Number(agreement === undefined) },
  { name: 'token probability', of: ({ logprob }) => (logprob === undefined ? 0 : Math.exp(logprob)) },
  { name: 'no token probability', of: ({ logprob }) => Number(logprob === undefined) },
  { name: 'evidence found', of: ({ evidence }) => Number(isFound(evidence)) },
  { name: 'evidence weak', of: ({ evidence }) => Number(evidence === 'fuzzy' || evidence === 'ambiguous') },
  { name: 'evidence none', of: ({ evidence }) => Number(evidence === 'none') },
  { name: 'repaired', of: ({ isRepaired }) => Number(isRepaired) },
  { name: 'coerced', of: ({ isCoerced }) => Number(isCoerced) },
  { name: 'asked again', of: ({ isAskedAgain }) => Number(isAskedAgain) },
  { name: 'number', of: ({ kind }) => Number(kind === 'number') },
  { name: 'boolean', of: ({ kind }) => Number(kind === 'boolean') },
];

/** One number in order for a value: all that few labels can bear. */
interface Score {
  name: string;
  /** Undefined where nothing is known. */
  of(signals: ValueSignals): number | undefined;
}

/** 0 for a value that stands nowhere, 1 where that cannot be said, 2 for a weak find, 3 for a clear one. */
export const EVIDENCE_SCORE: Score = {
  name: 'evidence',
  of({ evidence }) {
    if (evidence === 'none') return 0;
    if (evidence === undefined) return 1;
    return isFound(evidence) ? 3 : 2;
  },
};

/** The first of which any value has something is taken. */
export const SCORES: readonly Score[] = [
  { name: 'agreement', of: ({ agreement }) => agreement },
  { name: 'token probability', of: ({ logprob }) => (logprob === undefined ? undefined : Math.exp(logprob)) },
  EVIDENCE_SCORE,
];

function isFound(evidence: ValueSignals['evidence']): boolean {
  return evidence === 'exact' || evidence === 'normalized' || evidence === 'value';
}
