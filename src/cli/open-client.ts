import { join } from 'node:path';
import { isGoogleHost, mayBeEmulator } from '../completion/service.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { CredentialPlace } from '../vertex/credential-file.ts';
import type { CredentialSource } from '../vertex/credentials.ts';
import type { ProxySettings } from '../vertex/proxy-settings.ts';
import type { VertexClientOptions } from '../vertex/client-options.ts';
import type { VertexClient } from '../vertex/client.ts';
import type { RequestType } from '../vertex/request-type.ts';
import { version } from '../packages/version.ts';
import { proxySettings } from './proxy-settings.ts';
import type { serviceFlags } from './settings/flags/service-flags.ts';
import type { Environment, Settings } from './settings/settings.ts';

/** A client together with what was started for it. */
export interface Service {
  client: VertexClient;
  /** Where calls go, for people. */
  target: string;
  /** Where and with what batch jobs of this service are made; undefined where it has none. */
  google: GooglePlace | undefined;
  /** Whether it ends with this command. */
  isEmbedded: boolean;
  /** What run.json is told of it. */
  settings: Record<string, string | number | null>;
  close(): Promise<void>;
}

/** A place in Google Cloud, or the emulator's likeness of one. */
export interface GooglePlace {
  project: string;
  location: string;
  credentials: CredentialSource;
  /** The emulator's origin, where it is one. */
  emulator: string | undefined;
  proxy: ProxySettings;
}

/** What differs between commands. */
interface ClientNeeds extends Pick<VertexClientOptions, 'connections' | 'streamUsage' | 'checkRequests'> {
  /** Starts the embedded emulator, and asks that. */
  isEmulated?: boolean;
}

/** Any will do. What is a token is masked in messages, so it is no word that they use. */
const EMULATOR_TOKEN = 'token-of-the-embedded-emulator';

/** Makes the client that the settings ask for: Vertex AI, another base URL, or the embedded emulator. */
export async function openClient(
  settings: Settings<typeof serviceFlags>,
  environment: Environment,
  { isEmulated = false, connections = 16, ...options }: ClientNeeds = {},
): Promise<Service> {
  const baseUrl = settings.text('base-url');
  if (isEmulated && baseUrl !== undefined) {
    throw new GleanerError(
      'credentials-missing',
      'Cannot use --emulator and --base-url together: the emulator has its own URL; leave one of them out',
    );
  }
  const { createVertexClient } = await import('../vertex/client.ts');
  const { chatCompletionsUrl } = await import('../vertex/endpoint-url.ts');
  const { parseAuth } = await import('../vertex/auth-setting.ts');
  const { createCredentials } = await import('../vertex/credentials.ts');
  const common = {
    timeoutMs: settings.number('timeout-ms'),
    connections,
    userAgent: `gleaner/${version()}`,
    requestType: settings.text('request-type') as RequestType | undefined,
    ...options,
    proxy: proxySettings(environment),
  };
  const endpoint = settings.text('endpoint');

  if (isEmulated) {
    const { startEmulator } = await import('../emulator/index.ts');
    const emulator = await startEmulator({ keepRequests: 0 });
    let client: VertexClient;
    try {
      client = createVertexClient({
        ...common,
        baseUrl: emulator.baseUrl(endpoint === undefined ? {} : { endpoint }),
        auth: { kind: 'token', token: EMULATOR_TOKEN },
      });
    } catch (error) {
      await emulator.close();
      throw error;
    }
    return {
      client,
      target: 'the embedded emulator',
      google: {
        project: 'emulated-project',
        location: 'global',
        credentials: createCredentials({ kind: 'token', token: EMULATOR_TOKEN }),
        emulator: emulator.origin,
        proxy: common.proxy,
      },
      isEmbedded: true,
      settings: { service: 'emulator' },
      close: async () => {
        await client.close();
        await emulator.close();
      },
    };
  }

  const project = settings.text('project') ?? environment['GOOGLE_CLOUD_PROJECT'];
  const location = settings.text('location') ?? environment['GOOGLE_CLOUD_LOCATION'];
  const place = {
    project,
    location,
    endpoint,
    baseUrl,
    allowHttp: settings.isOn('allow-http'),
    apiVersion: settings.text('api-version') as 'v1' | 'v1beta1' | undefined,
  };
  const url = chatCompletionsUrl(place);
  const auth = parseAuth(settings.text('auth'), environment, url);
  const credentials = createCredentials(auth, {
    project,
    timeoutMs: common.timeoutMs,
    file: credentialFile(environment),
  });
  const client = createVertexClient({ ...common, ...place, auth: credentials });
  return {
    client,
    target: url.host,
    google: googlePlace(url, credentials, common.proxy),
    isEmbedded: false,
    settings: { service: `${url.origin}${url.pathname}`, auth: auth.kind, timeoutMs: common.timeoutMs ?? null },
    close: () => client.close(),
  };
}

const PLACE = /\/projects\/([^/]+)\/locations\/([^/]+)\/endpoints\/openapi\/chat\/completions$/;

/** What a URL of chat completions says of the place; another base URL than Google's may be the emulator's, on this machine. */
function googlePlace(url: URL, credentials: CredentialSource, proxy: ProxySettings): GooglePlace | undefined {
  const [, project, location] = PLACE.exec(url.pathname) ?? [];
  if (project === undefined || location === undefined) return undefined;
  if (isGoogleHost(url)) return { project, location, credentials, emulator: undefined, proxy };
  return mayBeEmulator(url) ? { project, location, credentials, emulator: url.origin, proxy } : undefined;
}

/** The origin of a base URL that may be the emulator's. */
export function emulatorOrigin(baseUrl: string | undefined): string | undefined {
  if (baseUrl === undefined || !URL.canParse(baseUrl)) return undefined;
  const url = chatCompletionsOf(baseUrl);
  return PLACE.test(url.pathname) && mayBeEmulator(url) ? url.origin : undefined;
}

function chatCompletionsOf(baseUrl: string): URL {
  return new URL(`${baseUrl.replace(/\/+$/, '')}/chat/completions`);
}

/** Where Google's library looks for a credential file. */
export function credentialFile(environment: Environment): CredentialPlace | undefined {
  const { CLOUDSDK_CONFIG: config, HOME: home, APPDATA: data, PATH: searchPath } = environment;
  for (const variable of ['GOOGLE_APPLICATION_CREDENTIALS', 'google_application_credentials']) {
    const path = environment[variable];
    if (path !== undefined && path !== '') return { path, variable, searchPath };
  }
  const folder =
    config || (process.platform === 'win32' ? data && join(data, 'gcloud') : home && join(home, '.config', 'gcloud'));
  if (folder === undefined || folder === '') return undefined;
  return { path: join(folder, 'application_default_credentials.json'), searchPath };
}
