import type { Manifest } from '../store/manifest.ts';
import type { retryFlags } from './settings/flags/run-flags.ts';
import type { Settings } from './settings/settings.ts';

/** Flags that say where calls go. */
const ADDRESS = ['base-url', 'project', 'location', 'endpoint', 'api-version'] as const;
const VERTEX_URL =
  /^https:\/\/(?:[a-z0-9-]+-)?aiplatform\.(?:[a-z]+\.rep\.)?googleapis\.com\/(v1|v1beta1)\/projects\/([^/]+)\/locations\/([^/]+)\/endpoints\/([^/]+)\/chat\/completions$/;

/** The settings of a retry, with the service that the run asked where they name none. How one logs in there is not on file, and stays theirs to say. */
export function withServiceOfRun(
  settings: Settings<typeof retryFlags>,
  { settings: { service } }: Pick<Manifest, 'settings'>,
): Settings<typeof retryFlags> {
  if (typeof service !== 'string' || settings.isOn('emulator') || settings.text('base-url') !== undefined)
    return settings;
  const isNamed = ADDRESS.some((name) => settings.text(name) !== undefined);
  if (service === 'emulator') return isNamed ? settings : settings.withDefaults({ emulator: true });
  const [, version, project, location, endpoint] = VERTEX_URL.exec(service) ?? [];
  if (project === undefined) return isNamed ? settings : settings.withDefaults({ 'base-url': service });
  return settings.withDefaults({
    project,
    location,
    'api-version': version,
    ...(endpoint === 'openapi' ? {} : { endpoint }),
  });
}
