import { readFileSync } from 'node:fs';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { systemCode } from '../files/system-error.ts';
import { StoreError } from '../files/store-error.ts';
import { writeFileAtomically } from '../files/write-file-atomically.ts';

export const MANIFEST_VERSION = 1;

/** How a session, and so far the run, ended; `running` is what a killed process leaves behind. */
export type RunStatus = 'running' | 'finished' | 'stopped' | 'interrupted' | 'refused' | 'failed';

export interface Session {
  startedAt: string;
  endedAt: string | null;
  status: RunStatus;
  reason?: string;
  /** Time it took, by a clock that nobody sets; absent in sessions of version 0.1. Of a process that was killed, by the stamps of its calls, once another goes on. */
  wallMs?: number;
  /** The ordinal of the first call that it could make; absent in sessions of version 0.1. */
  firstCall?: number;
  /** How many calls in flight the service was last found to bear; absent where none was made, and where the process was killed. */
  callsInFlight?: number;
}

/** run.json: what the run is, so that the same command continues it and another is told apart. */
export interface Manifest {
  version: typeof MANIFEST_VERSION;
  gleaner: string;
  node: string;
  status: RunStatus;
  /** What the status was when rejects were taken for another try; stands there until these have ended. */
  statusBeforeRetry?: RunStatus;
  /** What decides the records and their answers; the same command again must agree with it in every member. */
  identity: { readonly [part: string]: JsonValue };
  /** The JSON Schema of `data` in the results, by which they are read; absent in runs of version 0.1. */
  outputSchema?: JsonObject;
  /** The settings of the latest session. They hold no secrets. */
  settings: { readonly [name: string]: JsonValue };
  sessions: Session[];
}

export function readManifest(path: string): Manifest | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new StoreError('read', path, error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new StoreError('read', path, new Error('it is no JSON; restore the file or start a new run directory'));
  }
  if (!isJsonObject(value) || value['version'] !== MANIFEST_VERSION || !isJsonObject(value['identity'])) {
    throw new StoreError(
      'read',
      path,
      new Error(
        `it is no manifest of version ${MANIFEST_VERSION}; use the gleaner version that wrote it, or another directory`,
      ),
    );
  }
  return value as unknown as Manifest;
}

export function writeManifest(path: string, manifest: Manifest): void {
  writeFileAtomically(path, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** The parts in which two identities differ, in the order of the new one. */
export function differingParts(before: Manifest['identity'], now: Manifest['identity']): string[] {
  const parts = new Set([...Object.keys(now), ...Object.keys(before)]);
  return [...parts].filter((part) => JSON.stringify(before[part]) !== JSON.stringify(now[part]));
}
