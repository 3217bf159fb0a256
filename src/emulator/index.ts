/**
 * A local double of Vertex AI's Chat Completions endpoint, for trying, testing and CI: `startEmulator()` gives a real HTTP
 * server on 127.0.0.1 that answers with schema-conforming JSON and misbehaves on request.
 */
export { startEmulator } from './emulator.ts';
export type { BaseUrlOptions, Emulator } from './emulator.ts';
export type { EmulatorOptions } from './emulator-options.ts';
export type { TokenOptions } from './access-tokens.ts';
export type {
  FaultRate,
  ScriptedAnswer,
  ScriptedFault,
  ScriptedToolCalls,
  ScriptMatch,
  ScriptStep,
} from './fault-plan.ts';
export { defaultFaultMix, faultKinds, isFaultKind } from './faults.ts';
export type { FaultKind } from './faults.ts';
export { retiredModels } from './models.ts';
export type { ModelRow, ModelRules } from './models.ts';
export { readScenario } from './scenario.ts';
export type { Scenario } from './scenario.ts';
export { scenarioSchema } from './scenario-schema.ts';
export type { RecordedRequest } from './request-log.ts';
export type { EmulatorStats, TokenStats } from './stats.ts';
