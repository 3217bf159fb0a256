/**
 * A local double of Vertex AI's Chat Completions endpoint, for trying, testing and CI: `startEmulator()` gives a real HTTP
 * server on 127.0.0.1 that answers with schema-conforming JSON and misbehaves on request.
 */
export { startEmulator } from './service/emulator.ts';
export type { BaseUrlOptions, Emulator } from './service/emulator.ts';
export type { EmulatorOptions, Scenario } from './service/emulator-options.ts';
export { bigQueryFaultKinds } from './cloud/bigquery/bigquery-faults.ts';
export type { BigQueryFault, BigQueryFaultKind, BigQueryOptions } from './cloud/bigquery/bigquery-faults.ts';
export type { BigQueryStats } from './cloud/bigquery/job-store.ts';
export { batchFaultKinds } from './cloud/batch-faults.ts';
export type { BatchFault, BatchFaultKind, BatchOptions } from './cloud/batch-faults.ts';
export type { BatchStats } from './cloud/batch-service.ts';
export type { TokenOptions } from './service/access-tokens.ts';
export type {
  FaultRate,
  ScriptedAnswer,
  ScriptedFault,
  ScriptedToolCalls,
  ScriptMatch,
  ScriptStep,
} from './service/fault-plan.ts';
export { defaultFaultMix, faultKinds, isFaultKind } from './service/faults.ts';
export type { FaultKind } from './service/faults.ts';
export { retiredModels } from './service/models.ts';
export type { ModelRow, ModelRules } from './service/models.ts';
export { readScenario } from './service/scenario.ts';
export { scenarioSchema } from './service/scenario-schema.ts';
export type { RecordedRequest } from './service/request-log.ts';
export type { EmulatorStats, TokenStats } from './service/stats.ts';
