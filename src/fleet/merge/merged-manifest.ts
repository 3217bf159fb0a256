import { GleanerError } from '../../gleaner-error.ts';
import { isJsonObject, type JsonValue } from '../../json/value.ts';
import { describeDifferences } from '../../run/run-identity.ts';
import { differingParts, MANIFEST_VERSION, type Manifest, type Session } from '../../store/manifest.ts';
import { version } from '../../packages/version.ts';
import type { MergeOptions } from './merge-parts.ts';

/** Settings that are of one part. */
const OF_PART: ReadonlySet<string> = new Set(['shard', 'chunk', 'attempt']);

/** run.json of the merged run: that of one run over the whole input, whose sessions were those of all parts. */
export class MergedManifest {
  readonly #options: Pick<MergeOptions, 'plan' | 'out' | 'settings' | 'state'>;
  #first: { directory: string; manifest: Manifest; identity: Manifest['identity'] } | undefined;
  readonly #spans: [start: number, end: number][] = [];

  constructor(options: Pick<MergeOptions, 'plan' | 'out' | 'settings' | 'state'>) {
    this.#options = options;
  }

  /** @throws {GleanerError} when a part is of another run than those before */
  add(directory: string, manifest: Manifest | undefined): void {
    if (manifest === undefined) return;
    const { input, ...others } = manifest.identity;
    const { plan } = this.#options;
    if (!isJsonObject(input) || input['plan'] !== plan.digest) {
      const what =
        isJsonObject(input) && 'plan' in input
          ? 'of another plan (input, chunks or ids)'
          : 'no part of a planned input';
      throw new GleanerError('merge-refused', `Cannot merge ${directory}: it is ${what} than ${plan.path}`);
    }
    const identity = { ...others, input: { ...plan.end.input } };
    for (const session of manifest.sessions) this.#spans.push(spanOf(session));
    this.#first ??= { directory, manifest, identity };
    const { identity: before } = this.#first;
    const parts = differingParts(before, identity);
    if (parts.length === 0) return;
    throw new GleanerError(
      'merge-refused',
      `Cannot merge ${directory} with ${this.#first.directory}: ${describeDifferences(parts, before, identity)}`,
    );
  }

  /** @throws {GleanerError} when no part had begun */
  manifest(): Manifest {
    const { plan, settings, state, out } = this.#options;
    if (this.#first === undefined)
      throw new GleanerError('merge-refused', `Cannot merge into ${out}: no part holds a run`);
    const { manifest, identity } = this.#first;
    const common = Object.entries(manifest.settings).filter(([name]) => !OF_PART.has(name));
    return {
      version: MANIFEST_VERSION,
      gleaner: version(),
      node: process.version,
      status: 'finished',
      identity,
      ...(manifest.outputSchema === undefined ? {} : { outputSchema: manifest.outputSchema }),
      settings: {
        ...(Object.fromEntries(common) as Record<string, JsonValue>),
        ...settings,
        mergedPlan: plan.digest,
        mergedState: state,
      },
      sessions: [this.#session()],
    };
  }

  /** Parts ran side by side, so that their times are not added up: what counts is when any of them did. */
  #session(): Session {
    let start = Number.POSITIVE_INFINITY;
    let end = Number.NEGATIVE_INFINITY;
    let wallMs = 0;
    for (const [from, to] of this.#spans.sort(([left], [right]) => left - right)) {
      start = Math.min(start, from);
      wallMs += Math.max(0, to - Math.max(from, end));
      end = Math.max(end, to);
    }
    return {
      startedAt: new Date(start).toISOString(),
      endedAt: new Date(end).toISOString(),
      status: 'finished',
      wallMs,
    };
  }
}

/** Of a session that was killed nobody knows how long it took. */
function spanOf({ startedAt, endedAt, wallMs }: Session): [number, number] {
  const start = Date.parse(startedAt);
  if (wallMs !== undefined) return [start, start + wallMs];
  return [start, endedAt === null ? start : Math.max(start, Date.parse(endedAt))];
}
