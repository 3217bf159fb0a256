/** What two runs can differ in so much that somebody should look. */
export type AlarmKind = 'unfinished' | 'fields' | 'rejects' | 'cost' | 'latency' | 'model' | 'records';

export const ALARM_KINDS: readonly AlarmKind[] = [
  'unfinished',
  'fields',
  'rejects',
  'cost',
  'latency',
  'model',
  'records',
];

export interface Alarm {
  kind: AlarmKind;
  message: string;
}

/** From where on a difference is an alarm. */
export interface CompareThresholds {
  /** Chance of any false alarm among all tests of two runs that are alike. Default 0.001. */
  chance: number;
  /** Change of a share of fillings. Default 0.02. */
  share: number;
  /** Population stability index. Default 0.1. */
  psi: number;
  /** Kolmogorov-Smirnov distance. Default 0.1. */
  distance: number;
  /** Rise of the reject rate. Default 0.01. */
  rejects: number;
  /** Factor by which the cost of a record that was asked for rises, if that is more than the scatter of so few. Default 1.25. */
  cost: number;
  /** Factor by which the 90th percentile of latency rises, if that is a quarter of a second at least, of 200 calls in each run. Default 2. */
  latency: number;
  /** Factor by which the number of records rises or falls. Default 2. */
  records: number;
  /** Records that such a change must be at least: a feed of three has seven the night after. Default 10, or 0 where `records` is given. */
  recordsBy: number;
}

export const DEFAULT_THRESHOLDS: Readonly<CompareThresholds> = {
  chance: 0.001,
  share: 0.02,
  psi: 0.1,
  distance: 0.1,
  rejects: 0.01,
  cost: 1.25,
  latency: 2,
  records: 2,
  recordsBy: 10,
};
