import type { ProxySettings } from '../vertex/proxy-settings.ts';
import type { Environment } from './settings/settings.ts';

/** Reads the variables for proxies: in lower case first, as curl and others read them. */
export function proxySettings(environment: Environment): ProxySettings {
  const of = (name: string): string | undefined => environment[name.toLowerCase()] || environment[name] || undefined;
  return { http: of('HTTP_PROXY'), https: of('HTTPS_PROXY'), no: of('NO_PROXY') };
}
