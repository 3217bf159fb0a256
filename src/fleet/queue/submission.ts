import { hash, randomUUID } from 'node:crypto';
import { GleanerError } from '../../gleaner-error.ts';
import { canonicalJson } from '../../json/canonical.ts';
import type { JsonObject, JsonValue } from '../../json/value.ts';
import { SUBMITTED_FILE } from '../../store/place-of-parts.ts';
import type { PartStore } from '../parts/part-store.ts';
import type { RunCaps } from '../pool/pool-store.ts';

/** What a run in a fleet is: it stands in `fleet.json` beside its parts, and is the same in every submission. */
export interface FleetRun {
  version: 1;
  definition: {
    /** As it was given to the command: each worker finds its own file by it. */
    reference: string;
    name: string;
    /** Of its source: a worker that has another one refuses. */
    digest: string;
  };
  /** Where the input lies, for every worker. */
  input: string;
  /** The digest of the plan. */
  plan: string;
  /** What decides answers beside the definition, and who bills them, by the setting's name: the model, the service. Null is not given. */
  answers: { readonly [setting: string]: JsonValue };
}

/** One submission of a run: how it is to be worked on now, which a later one may change. */
export interface Submission extends FleetRun {
  /** Names the run in the queue. */
  run: string;
  /** Its number among the submissions of the run: the highest holds. */
  revision: number;
  /** Where its parts stand, and where its results are merged. */
  out: string;
  chunks: number;
  rows: number;
  /** Settings of the command that submitted it; they hold no secrets. */
  settings: JsonObject;
}

const NUMBERED = /^submissions\/(\d+)\.json$/;

/** Takes the next number of a run's submissions. It stands beside the parts, so that it goes on counting whatever becomes of the queue. */
export async function claimRevision(store: PartStore, settings: JsonObject): Promise<number> {
  let revision = 1;
  for await (const name of store.list('submissions/')) {
    revision = Math.max(revision, Number(NUMBERED.exec(name)?.[1] ?? 0) + 1);
  }
  const content = JSON.stringify({ at: new Date().toISOString(), by: randomUUID(), settings });
  while (!(await store.create(`submissions/${String(revision).padStart(6, '0')}.json`, content))) revision += 1;
  return revision;
}

/**
 * The caps that a run was submitted with last, as they stand beside its parts: whatever the queue and the pool have forgotten, and whichever
 * submission a worker was given.
 */
export async function latestCaps(store: PartStore, given: Pick<Submission, 'revision' | 'settings'>): Promise<RunCaps> {
  let latest = { revision: given.revision, name: '' };
  for await (const name of store.list('submissions/')) {
    const revision = Number(NUMBERED.exec(name)?.[1] ?? 0);
    if (revision > latest.revision) latest = { revision, name };
  }
  const text = latest.name === '' ? undefined : await store.read(latest.name);
  if (text === undefined) return runCapsOf(given);
  const { settings } = JSON.parse(text) as Pick<Submission, 'settings'>;
  return runCapsOf({ revision: latest.revision, settings });
}

/** The caps among the settings of a submission, as its pool counts them. */
export function runCapsOf({ revision, settings }: Pick<Submission, 'revision' | 'settings'>): RunCaps {
  const { maxTotalTokens, maxCost } = settings;
  return {
    revision,
    ...(maxTotalTokens === undefined ? {} : { tokens: Number(maxTotalTokens) }),
    ...(maxCost === undefined ? {} : { nanoUsd: Math.round(Number(maxCost) * 1e9) }),
  };
}

/**
 * Runs with the same contents in different places are different runs. However the path of the definition or the place is spelled, a run is the
 * same one, or its chunks would be queued and paid twice.
 */
export function nameOfRun(run: FleetRun, out: string): string {
  const { name, digest } = run.definition;
  const identity = { ...run, definition: { name, digest }, out: out.replace(/\/+$/, '') };
  return hash('sha256', canonicalJson(identity as unknown as JsonValue)).slice(0, 12);
}

/**
 * Writes down what the run in a place is, or holds it against what stands there.
 *
 * @throws {GleanerError} where another run stands there, naming what differs
 */
export async function adoptRun(store: PartStore, run: FleetRun): Promise<void> {
  const content = `${JSON.stringify(run, null, 2)}\n`;
  if (await store.create(SUBMITTED_FILE, content)) return;
  const before = JSON.parse((await store.read(SUBMITTED_FILE)) ?? '{}') as Partial<FleetRun>;
  const differing = differencesOf(before, run);
  if (differing.length === 0) return;
  throw new GleanerError(
    'run-differs',
    `Cannot submit into ${store.name}: another run stands there; ${differing.join('; ')}. Repeat it as it was submitted first, or use another directory`,
  );
}

function differencesOf(before: Partial<FleetRun>, now: FleetRun): string[] {
  const pairs: [what: string, before: JsonValue | undefined, now: JsonValue | undefined][] = [
    ['the version of its notes', before.version, now.version],
    ['the name of the definition', before.definition?.name, now.definition.name],
    ['the source of the definition', before.definition?.digest, now.definition.digest],
    ['the input', before.input, now.input],
    ['the plan of the input', before.plan, now.plan],
    ...[...new Set([...Object.keys(before.answers ?? {}), ...Object.keys(now.answers)])].map(
      (name): [string, JsonValue | undefined, JsonValue | undefined] => [
        name,
        before.answers?.[name],
        now.answers[name],
      ],
    ),
  ];
  return pairs
    .filter(([, one = null, other = null]) => canonicalJson(one) !== canonicalJson(other))
    .map(([what, one, other]) => `${what} is ${textOf(other)} now, was ${textOf(one)}`);
}

function textOf(value: JsonValue | undefined): string {
  return value === undefined || value === null ? 'not given' : JSON.stringify(value);
}
