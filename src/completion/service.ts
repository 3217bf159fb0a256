/**
 * Whose answers a client gives. Answers of two services never stand in one run directory, and a cache never gives one's
 * for the other's.
 */
export interface ServiceIdentity {
  /** Tells services apart: for Vertex AI's models one name whatever the project and location, else endpoint or host and path. */
  readonly name: string;
  /** Google Cloud location of the calls, as far as it concerns prices. */
  readonly location?: string | undefined;
  /** Whether gleaner's emulator answers, which is no model. */
  readonly isEmulated: boolean;
  /** Whether schemas may be sent whole. Default false: Gemini takes a part of JSON Schema. */
  readonly takesWholeSchema?: boolean | undefined;
}

/** Google's and partners' models on Vertex AI: they answer alike in every project and location. */
export const VERTEX_AI = 'aiplatform.googleapis.com';

/** The emulator, wherever it listens. */
export const EMULATOR = 'emulator';

/** A client that does not say what it calls. */
export const UNNAMED_SERVICE: ServiceIdentity = Object.freeze({ name: 'unnamed client', isEmulated: false });

/** Stands in every answer of the emulator, so that it is known through any base URL. */
export const EMULATOR_HEADER = 'x-gleaner-emulator';

/** The emulator's `system_fingerprint`, which goes through gateways that drop headers. */
export const EMULATOR_FINGERPRINT = 'gleaner-emulator';

const ROUTE = /^\/v1(?:beta1)?\/(projects\/[^/]+\/locations\/([^/]+)\/endpoints\/([^/]+))\/chat\/completions$/;

/** What a URL that chat completions are posted to says of the service behind it. */
export function identifyService(url: URL, { isEmulated = false } = {}): ServiceIdentity {
  const [, resource = '', location, endpoint = ''] = ROUTE.exec(url.pathname) ?? [];
  const isOwnEndpoint = endpoint !== '' && endpoint !== 'openapi';
  if (isEmulated) return { name: isOwnEndpoint ? `${EMULATOR}/endpoints/${endpoint}` : EMULATOR, isEmulated };
  if (location !== undefined && isGoogleHost(url)) {
    return isOwnEndpoint
      ? { name: `${VERTEX_AI}/${resource}`, location, isEmulated, takesWholeSchema: true }
      : { name: VERTEX_AI, location, isEmulated };
  }
  const name = `${url.host}${url.pathname.replace(/\/chat\/completions$/, '')}`;
  return isGoogleHost(url) ? { name, isEmulated } : { name, isEmulated, takesWholeSchema: true };
}

export function isEmulatorName(name: unknown): boolean {
  return typeof name === 'string' && (name === EMULATOR || name.startsWith(`${EMULATOR}/`));
}

/** Whether a URL is one that the emulator could be behind: it speaks plain HTTP and serves Vertex AI's paths. */
export function mayBeEmulator(url: URL): boolean {
  return url.protocol === 'http:' && ROUTE.test(url.pathname);
}

/** True where Google's credentials may go: https on googleapis.com or on a dedicated Vertex AI endpoint. */
export function isGoogleHost(url: URL): boolean {
  if (url.protocol !== 'https:') return false;
  const host = url.hostname;
  return host === 'googleapis.com' || host.endsWith('.googleapis.com') || host.endsWith('.prediction.vertexai.goog');
}
