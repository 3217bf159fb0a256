export { defineExtraction } from './extraction/define-extraction.ts';
export { defineTool } from './extraction/define-tool.ts';
export type { ExtractionTool, ToolOptions, ToolResult } from './extraction/define-tool.ts';
export { digestDefinitionSource } from './extraction/definition-source.ts';
export { loadDefinition } from './extraction/load-definition.ts';
export type { LoadedDefinition } from './extraction/load-definition.ts';
export type {
  CalibrationModel,
  CascadeOption,
  ChunkOption,
  CompatibilityMode,
  Example,
  Extraction,
  ExtractionOptions,
  ObjectSchema,
  PlainSettings,
  ReasoningEffort,
  RecordFunction,
  RequestSettings,
  ThinkingSetting,
  Variant,
} from './extraction/definition.ts';
export type { SchemaInput, SchemaOutput, ValidationIssue, ValidationResult, ZodSchema } from './schema/zod-schema.ts';
export { deriveSchema } from './schema/derive.ts';
export type { SchemaLoss } from './json-schema/schema-loss.ts';
export type { DialectName, EarlierForm } from './json-schema/settle-schema.ts';
export type { DerivedSchema } from './schema/derived.ts';
export { createBatchLane } from './batch/batch-lane.ts';
export type { BatchLane, BatchLaneOptions } from './batch/batch-lane.ts';
export { exportToTable } from './bigquery/export-to-table.ts';
export type { TableExportOptions } from './bigquery/export-to-table.ts';
export { createTableInput } from './bigquery/table-input.ts';
export type { TableInput, TableInputOptions } from './bigquery/table-input.ts';
export type { BigQueryOptions } from './bigquery/big-query.ts';
export { createStorageInput } from './cloud-storage/storage-input.ts';
export type { StorageInput, StorageInputOptions } from './cloud-storage/storage-input.ts';
export type { BatchTimings, ShardLimits } from './batch/batch-options.ts';
export type { BatchFigures } from './accounting/usage-report.ts';
export type { GoogleRestOptions, HeaderSource } from './cloud-storage/google-rest.ts';
export type { SchemaField } from './native/native-request.ts';
export type { Lane } from './run/lane.ts';
export { openPool } from './fleet/pool/open-pool.ts';
export type { OpenedPool, PoolOptions } from './fleet/pool/open-pool.ts';
export { createShardSource } from './fleet/shards/create-shard-source.ts';
export type { ShardInput, ShardInputOptions } from './fleet/shards/create-shard-source.ts';
export { mergeShards } from './fleet/shards/merge-shards.ts';
export type { MergeShardsOptions } from './fleet/shards/merge-shards.ts';
export type { Shard } from './fleet/shards/shard.ts';
export type { Pool } from './run/pool.ts';
export type { Clock } from './run/ports.ts';
export { run } from './run/run.ts';
export type { ByteStream } from './records/byte-stream.ts';
export type { InputSource, Reading, RunInput } from './records/input-source.ts';
export { defineConfig } from './project/define-config.ts';
export type { DefaultsByPlace, ProjectConfig } from './project/define-config.ts';
export type { CommandName, FlagDefaults } from './project/flag-defaults.ts';
export { initDefinition } from './init/init-definition.ts';
export type { InitializedDefinition, InitOptions } from './init/init-definition.ts';
export type { FieldOrigin } from './init/survey/guess-fields.ts';
export { parseFields } from './init/fields/parse-fields.ts';
export { FieldError } from './init/fields/field-error.ts';
export type { Field, FieldType, ScalarKind } from './init/fields/field-type.ts';
export { checkSetup } from './doctor/check-setup.ts';
export type { CheckSetupOptions } from './doctor/check-setup.ts';
export type { CheckBatchOptions } from './doctor/check-batch.ts';
export type { CheckTableOptions } from './doctor/check-table.ts';
export type { CheckResult } from './doctor/check-result.ts';
export type { ReachedHost } from './vertex/reach-host.ts';
export { findInputRow } from './inspect/find-input-row.ts';
export type { InputRow } from './inspect/find-input-row.ts';
export { inspectRecord } from './inspect/inspect-record.ts';
export type { RecordLife } from './inspect/inspect-record.ts';
export { describeModels } from './models/describe-models.ts';
export type { ModelFacts } from './models/describe-models.ts';
export { previewRecords } from './preview/preview-records.ts';
export type { PreviewOptions, RecordPreview } from './preview/preview-records.ts';
export type { Choice, Sample } from './preview/choose-rows.ts';
export { compareRuns } from './compare/compare-runs.ts';
export type { Alarm, AlarmKind, CompareThresholds } from './compare/alarms.ts';
export type { Pair, RunComparison } from './compare/comparison.ts';
export type { Aspect, FieldFill, FieldTest } from './compare/compare-profiles.ts';
export type { FieldFound } from './compare/compare-evidence.ts';
export type { RecordChanges } from './compare/compare-records.ts';
export { extract } from './run/extract.ts';
export type { ExtractOptions } from './run/extract.ts';
export type { EventListener, RunEvent } from './run/events.ts';
export type { RunSummary } from './run/session/run-in-directory.ts';
export { retryRejects } from './run/retry-rejects.ts';
export type { RetryOptions } from './run/retry-rejects.ts';
export type { RunOptions } from './run/run-options.ts';
export type { RunProgress } from './run/session/run-progress.ts';
export type { Outcome, OutcomeBase, RejectCode, RejectReason } from './run/record/outcome.ts';
export { createVertexClient } from './vertex/client.ts';
export type { VertexClientOptions } from './vertex/client-options.ts';
export type { VertexClient, WireRequest } from './vertex/client.ts';
export type { AuthSetting } from './vertex/auth-setting.ts';
export { requestTypes } from './vertex/request-type.ts';
export type { RequestType } from './vertex/request-type.ts';
export type { CredentialSource } from './vertex/credentials.ts';
export type { EndpointOptions } from './vertex/endpoint-url.ts';
export type { ProxySettings } from './vertex/proxy-settings.ts';
export { ApiError } from './completion/api-error.ts';
export type { ApiAdvice, ApiErrorFacts, ApiErrorKind } from './completion/api-error.ts';
export type {
  CallAdditions,
  CallOptions,
  CompletionClient,
  CompletionStream,
  StreamingClient,
} from './completion/client.ts';
export type { ServiceIdentity } from './completion/service.ts';
export type {
  AssistantMessage,
  AssistantToolCall,
  AudioPart,
  ChatMessage,
  ChatRequest,
  ContentPart,
  GoogleOptions,
  ImagePart,
  ResponseFormat,
  SafetySetting,
  SystemMessage,
  TextPart,
  Tool,
  ToolChoice,
  ToolMessage,
  UserMessage,
} from './completion/request.ts';
export type { Completion } from './completion/response.ts';
export type { TokenUsage } from './completion/usage.ts';
export type { CompletionDelta } from './completion/delta.ts';
export type { Media } from './completion/media.ts';
export type { ToolCall } from './completion/tool-call.ts';
export { checkRequest } from './completion/check-request.ts';
export type { RequestProblem } from './completion/check-request.ts';
export type { ExtraContent, FilePart, GoogleExtra } from './completion/extra-content.ts';
export { openRecords } from './records/open-records.ts';
export type { OpenRecordsOptions } from './records/open-records.ts';
export type {
  RecordFields,
  RecordFormat,
  RecordSource,
  SourceRecord,
  SourceRow,
  UnreadableRow,
} from './records/record.ts';
export type { CascadeReport, CascadeShare } from './accounting/cascade-tally.ts';
export type { Conflict } from './chunks/merge-parts.ts';
export type { CalibrationReport } from './cascade/calibration.ts';
export type { AgreementPromise, Trial } from './cascade/threshold.ts';
export type { UsageReport, UsageSlice } from './accounting/usage-report.ts';
export { readPriceFile } from './accounting/read-price-file.ts';
export type { PriceRowInput } from './accounting/price-file.ts';
export type { PriceRow } from './accounting/price-table.ts';
export type { AttemptEntry, AttemptKind, AttemptOutcome, RejectEntry, ResultEntry, Spending } from './store/entries.ts';
export { StoreError } from './files/store-error.ts';
export { openAnswerCache, surveyAnswerCache } from './store/answer-cache.ts';
export type { AnswerCache, OpenedAnswerCache } from './store/answer-cache.ts';
export type { CachedAnswer, TableSurvey } from './store/answer-cache-table.ts';
export { MANIFEST_VERSION } from './store/manifest.ts';
export type { Manifest, RunStatus, Session } from './store/manifest.ts';
export { fileNames } from './store/run-directory.ts';
export { GleanerError } from './gleaner-error.ts';
export type { ErrorCode, ErrorFacts } from './gleaner-error.ts';
export { EXPORT_FORMATS } from './export/export-format.ts';
export type { ExportFormat, TextFormat } from './export/export-format.ts';
export { estimateRun } from './estimate/estimate-run.ts';
export type { Estimate, EstimateOptions } from './estimate/estimate-run.ts';
export type { Span } from './estimate/span.ts';
export { RunFollower } from './status/run-follower.ts';
export type { RunState } from './status/run-follower.ts';
export type { BatchJobs } from './status/batch-jobs.ts';
export type { OpenCalls } from './status/open-calls.ts';
export type { RecentCalls } from './status/recent-calls.ts';
export { reckonRest } from './status/run-rest.ts';
export type { RunRest } from './status/run-rest.ts';
export { readRunTotal } from './status/run-total.ts';
export type { RunTotal } from './status/run-total.ts';
export { readRunNow } from './status/read-run-now.ts';
export type { RunNow } from './status/read-run-now.ts';
export { exportRun, exportToFile } from './export/export-run.ts';
export type { ExportCount, ExportOptions, RunExport, TextExportOptions } from './export/export-run.ts';
export type { TableOptions } from './export/run-table.ts';
export { readReport } from './export/read-report.ts';
export type { RunReport } from './export/read-report.ts';
export { readRejects, readResults } from './export/read-run.ts';
export type { ResultRow } from './export/read-run.ts';
export { fillAnswerCache } from './export/fill-answer-cache.ts';
export type { FillCount } from './export/fill-answer-cache.ts';
export { collectEvidence } from './evidence/collect-evidence.ts';
export type { CollectedEvidence, CollectEvidenceOptions } from './evidence/collect-evidence.ts';
export type { Evidence, EvidenceEntry, EvidenceMatch, RecordText } from './evidence/evidence.ts';
export type { EvidenceRates, FieldEvidence } from './evidence/evidence-rates.ts';
export { findEvidence } from './evidence/find-evidence.ts';
export type { EvidenceOptions } from './evidence/find-evidence.ts';
export { findRun } from './export/find-run.ts';
export type { FoundRun } from './export/find-run.ts';
export { evaluate } from './eval/evaluate-run.ts';
export type { EvaluateOptions } from './eval/evaluate-run.ts';
export { compareModels } from './eval/models/compare-models.ts';
export type {
  CandidateRun,
  CompareModelsOptions,
  ModelCandidate,
  ModelsCompared,
} from './eval/models/compare-models.ts';
export type { CandidateComparison, CandidateFigures, CandidatePair } from './eval/models/compare-candidates.ts';
export { date, exact, ignore, list, numeric, text } from './eval/comparator.ts';
export type { Comparator, GoldDoubt, LeafComparator, ListComparator } from './eval/comparator.ts';
export type { DateOrder } from './eval/read-days.ts';
export type { DecimalMark } from './eval/read-text.ts';
export type { Confusion } from './eval/confusions.ts';
export type { EvaluationReport, WrongRecord } from './eval/evaluation.ts';
export type { FieldScore } from './eval/score-tally.ts';
export type { ComparedLeaf, LeafStatus } from './eval/compare-record.ts';
export type { Calibration } from './eval/calibration/calibrate.ts';
export type { IsotonicStep } from './eval/calibration/isotonic.ts';
export type { CalibrationBin } from './eval/calibration/measures.ts';
export type { UnfinishedRun } from './eval/unfinished-run.ts';
export { anlsScore } from './eval/anls.ts';
export { compareSchemas } from './evolution/engine/compare-schemas.ts';
export type { CompareOptions, DirectionResult, SchemaComparison, Verdict } from './evolution/engine/compare-schemas.ts';
export type { SchemaChange } from './evolution/changes/changes.ts';
export { changeRules } from './evolution/changes/change-rules.ts';
export type { ChangeDirection, ChangeRule } from './evolution/changes/change-rules.ts';
export { readAcceptances, writeAcceptance } from './evolution/check/accept-record.ts';
export type { Acceptance, StoredAcceptance, WeakenedMode } from './evolution/check/accept-record.ts';
export { readBaseline } from './evolution/check/baseline.ts';
export { checkDefinitions } from './evolution/check/check.ts';
export type {
  CheckCandidate,
  CheckedDefinition,
  CheckOptions,
  CheckReport,
  UnloadedDefinition,
} from './evolution/check/check.ts';
export type { RemovedDefinition } from './evolution/check/removed-definition.ts';
export { formatReport, reportFormats } from './evolution/check/formats/format-report.ts';
export type { ReportFormat } from './evolution/check/formats/format-report.ts';
export { lockSnapshot } from './evolution/check/snapshot-folder.ts';
export { snapshotOf } from './evolution/check/snapshot-of.ts';
export type { Draft } from './evolution/engine/draft.ts';
export type { ReaderModel } from './evolution/engine/reader-model.ts';
export { replayResults } from './evolution/replay/replay.ts';
export type { FileTally, ReplayOptions, ReplayProblem, ReplayReport } from './evolution/replay/replay.ts';
export type { Baseline, BaselineOptions, BaselineSchema } from './evolution/check/baseline-schema.ts';
export type { Snapshot, SnapshotContent } from './evolution/check/snapshot.ts';
export type { UnseenChange, UnseenCheck } from './evolution/check/check-unseen.ts';
export type { CheckedPair, CheckVerdict } from './evolution/check/check-pair.ts';
export type { RowProblem } from './evolution/replay/compiled/check.ts';
export type { Coercion, CoercionRule } from './answer/coerce/coercion.ts';
export type { AnswerRepair } from './answer/parse-answer.ts';
export type { ValueLogprobs } from './answer/value-logprobs.ts';
export type { AnswerProblemCode } from './answer/problem.ts';
export type { JsonObject, JsonValue } from './json/value.ts';
export type { CallSignal } from './pacing/capacity.ts';
export type { Quotas } from './pacing/pacer.ts';
export type { Quota } from './pacing/quota.ts';
export type { Pacer, Permit } from './run/ports.ts';
export type { BackoffOptions } from './pacing/backoff.ts';
export type { UnseenKind } from './zod/unseen-kinds.ts';
export type { PricePeriod, TokenPrices } from './models/price.ts';
