import { MANIFEST_VERSION, type Manifest, type Session } from '../../store/manifest.ts';
import type { RunDirectory } from '../../store/run-directory.ts';
import { version } from '../../packages/version.ts';
import type { SessionEnd } from './run-session.ts';

/** Keeps run.json up to date over one session: begun, then ended. */
export class ManifestWriter {
  readonly #directory: RunDirectory;
  readonly #manifest: Manifest;
  readonly #session: Session;
  /** By a clock that nobody sets. */
  readonly #startedAt = performance.now();

  constructor(
    directory: RunDirectory,
    run: Pick<Manifest, 'identity' | 'outputSchema' | 'settings'> & {
      previous: Manifest | undefined;
      firstCall: number;
    },
  ) {
    this.#directory = directory;
    const { previous, identity, outputSchema, settings, firstCall } = run;
    this.#session = { startedAt: new Date().toISOString(), endedAt: null, status: 'running', firstCall };
    this.#manifest = {
      version: MANIFEST_VERSION,
      gleaner: version(),
      node: process.version,
      status: previous?.status ?? 'running',
      identity,
      ...(outputSchema === undefined ? {} : { outputSchema }),
      settings,
      sessions: [...(previous?.sessions ?? [])],
    };
    if (previous?.statusBeforeRetry !== undefined) this.#manifest.statusBeforeRetry = previous.statusBeforeRetry;
  }

  get manifest(): Readonly<Manifest> {
    return this.#manifest;
  }

  get sessions(): readonly Readonly<Session>[] {
    return this.#manifest.sessions;
  }

  /** Writes down that a session is under way, which is all that a killed process leaves of it. */
  begin(): void {
    this.#enter();
    this.#manifest.status = 'running';
    this.#directory.writeManifest(this.#manifest);
  }

  /** `callsInFlight`: how many the service was found to bear, where any were made. */
  end(end: SessionEnd, callsInFlight?: number): void {
    this.#enter();
    if (callsInFlight !== undefined) this.#session.callsInFlight = callsInFlight;
    this.#session.endedAt = new Date().toISOString();
    this.#session.wallMs = Math.round(performance.now() - this.#startedAt);
    this.#session.status = end.status;
    if (end.reason !== undefined) this.#session.reason = end.reason;
    this.#manifest.status = end.status;
    delete this.#manifest.statusBeforeRetry;
  }

  save(): void {
    this.#directory.writeManifest(this.#manifest);
  }

  #enter(): void {
    if (!this.#manifest.sessions.includes(this.#session)) this.#manifest.sessions.push(this.#session);
  }
}
