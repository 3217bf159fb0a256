export { compareSchemas } from './engine/compare-schemas.ts';
export type { CompareOptions, DirectionResult, SchemaComparison, Verdict } from './engine/compare-schemas.ts';
export type { ReaderModel } from './engine/reader-model.ts';
export type { ChangeDirection } from './changes/change-rules.ts';
export type { SchemaChange } from './changes/changes.ts';
export { snapshotOf } from './check/snapshot-of.ts';
export { inputSchemaOf, isSameContent, parseSnapshot, schemaHash, snapshotText } from './check/snapshot.ts';
export type { Snapshot, SnapshotContent } from './check/snapshot.ts';
export { lockSnapshot, readSnapshots } from './check/snapshot-folder.ts';
export { readAcceptances, writeAcceptance } from './check/accept-record.ts';
export type { Acceptance, StoredAcceptance, WeakenedMode } from './check/accept-record.ts';
export { findUnseenChecks } from './check/check-unseen.ts';
export type { UnseenChange, UnseenCheck } from './check/check-unseen.ts';
export { readBaseline } from './check/baseline.ts';
export { baselineFromText, baselineOf } from './check/baseline-schema.ts';
export type { Baseline, BaselineOptions, BaselineSchema } from './check/baseline-schema.ts';
export { checkDefinitions, isFailing } from './check/check.ts';
export type {
  CheckCandidate,
  CheckedDefinition,
  CheckOptions,
  CheckReport,
  UnloadedDefinition,
} from './check/check.ts';
export type { RemovedDefinition } from './check/removed-definition.ts';
export { checkPair } from './check/check-pair.ts';
export type { CheckedPair, CheckVerdict, PairOptions } from './check/check-pair.ts';
export { formatReport, reportFormats } from './check/formats/format-report.ts';
export type { ReportFormat } from './check/formats/format-report.ts';
export { GleanerError } from '../gleaner-error.ts';
export { replayResults } from './replay/replay.ts';
export type { ReplayOptions, ReplayProblem, ReplayReport } from './replay/replay.ts';
