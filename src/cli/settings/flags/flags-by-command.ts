import type { Flag } from '../flag.ts';
import {
  exportFlags,
  reportFlags,
  statusFlags,
  inspectFlags,
  compareFlags,
  cacheRebuildFlags,
  cacheInfoFlags,
} from './after-flags.ts';
import {
  modelsFlags,
  previewFlags,
  estimateFlags,
  initFlags,
  doctorFlags,
  completionFlags,
  configFlags,
} from './before-flags.ts';
import { emulateFlags } from './emulate-flags.ts';
import { submitFlags, workFlags, mergeFlags } from './fleet-flags.ts';
import { evalFlags, evidenceFlags, reviewFlags, applyLabelsFlags } from './quality-flags.ts';
import { runFlags, retryFlags, callFlags } from './run-flags.ts';
import {
  schemaShowFlags,
  schemaLockFlags,
  schemaCheckFlags,
  schemaDiffFlags,
  schemaAcceptFlags,
  schemaReplayFlags,
} from './schema-flags.ts';

/** Every command's flags; the tables of docs/cli.md are made from it. */
export const flagsByCommand: Readonly<Record<string, readonly Flag[]>> = {
  init: initFlags,
  run: runFlags,
  retry: retryFlags,
  export: exportFlags,
  submit: submitFlags,
  work: workFlags,
  merge: mergeFlags,
  status: statusFlags,
  report: reportFlags,
  evidence: evidenceFlags,
  review: reviewFlags,
  'apply-labels': applyLabelsFlags,
  inspect: inspectFlags,
  models: modelsFlags,
  preview: previewFlags,
  estimate: estimateFlags,
  compare: compareFlags,
  eval: evalFlags,
  call: callFlags,
  'cache rebuild': cacheRebuildFlags,
  'cache info': cacheInfoFlags,
  'schema show': schemaShowFlags,
  'schema lock': schemaLockFlags,
  'schema check': schemaCheckFlags,
  'schema diff': schemaDiffFlags,
  'schema accept': schemaAcceptFlags,
  'schema replay': schemaReplayFlags,
  emulate: emulateFlags,
  config: configFlags,
  doctor: doctorFlags,
  completion: completionFlags,
};
