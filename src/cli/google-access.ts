import { GleanerError } from '../gleaner-error.ts';
import { createCredentials, type CredentialSource } from '../vertex/credentials.ts';
import { parseAuth } from '../vertex/auth-setting.ts';
import type { ProxySettings } from '../vertex/proxy-settings.ts';
import { version } from '../packages/version.ts';
import { credentialFile, emulatorOrigin, type Service } from './open-client.ts';
import { proxySettings } from './proxy-settings.ts';
import type { Environment } from './settings/settings.ts';

/** With what Google's storage and tables are reached, or the emulator's likeness of them. */
export interface GoogleAccess {
  credentials: CredentialSource;
  emulator: string | undefined;
  proxy: ProxySettings;
  userAgent: string;
}

/**
 * With the credentials of the calls where those go to Google; a token for another service goes to that one only, and files are opened
 * with Application Default Credentials then.
 *
 * @throws {GleanerError} with the embedded emulator, whose buckets are empty
 */
export function googleAccess(
  settings: { text(name: 'auth' | 'base-url'): string | undefined },
  environment: Environment,
  service?: Pick<Service, 'google' | 'isEmbedded'>,
): GoogleAccess {
  if (service?.isEmbedded === true) {
    throw new GleanerError(
      'usage',
      'Cannot use gs:// or bq:// with the embedded emulator, whose buckets and datasets are empty: start gleaner emulate, put the records there and give its --base-url',
    );
  }
  const proxy = proxySettings(environment);
  const userAgent = `gleaner/${version()}`;
  const google = service?.google;
  if (google !== undefined) return { credentials: google.credentials, emulator: google.emulator, proxy, userAgent };
  const emulator = emulatorOrigin(settings.text('base-url'));
  const isOfCalls = emulator !== undefined || settings.text('base-url') === undefined;
  const auth = isOfCalls
    ? parseAuth(settings.text('auth'), environment, new URL(emulator ?? 'https://storage.googleapis.com'))
    : ({ kind: 'adc' } as const);
  return { credentials: createCredentials(auth, { file: credentialFile(environment) }), emulator, proxy, userAgent };
}
