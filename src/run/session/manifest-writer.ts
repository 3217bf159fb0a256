import { MANIFEST_VERSION, type Manifest, type Session } from '../../store/manifest.ts';
import type { RunDirectory } from '../../store/run-directory.ts';
import { version } from '../../version.ts';
import type { SessionEnd } from './run-session.ts';

/** Keeps run.json up to date over one session: begun, then ended. */
export class ManifestWriter {
  readonly #directory: RunDirectory;
  readonly #manifest: Manifest;
  readonly #session: Session = { startedAt: new Date().toISOString(), endedAt: null, status: 'running' };

  constructor(
    directory: RunDirectory,
    previous: Manifest | undefined,
    identity: Manifest['identity'],
    settings: Manifest['settings'],
  ) {
    this.#directory = directory;
    this.#manifest = {
      version: MANIFEST_VERSION,
      gleaner: version(),
      node: process.version,
      status: previous?.status ?? 'running',
      identity,
      settings,
      sessions: [...(previous?.sessions ?? [])],
    };
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

  end(end: SessionEnd): void {
    this.#enter();
    this.#session.endedAt = new Date().toISOString();
    this.#session.status = end.status;
    if (end.reason !== undefined) this.#session.reason = end.reason;
    this.#manifest.status = end.status;
  }

  save(): void {
    this.#directory.writeManifest(this.#manifest);
  }

  #enter(): void {
    if (!this.#manifest.sessions.includes(this.#session)) this.#manifest.sessions.push(this.#session);
  }
}
