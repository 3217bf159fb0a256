import type { Manifest } from '../store/manifest.ts';

/** Flags that say where calls go. */
const ADDRESS = ['base-url', 'project', 'location', 'endpoint', 'api-version'] as const;
const VERTEX_URL =
  /^https:\/\/(?:[a-z0-9-]+-)?aiplatform\.(?:[a-z]+\.rep\.)?googleapis\.com\/(v1|v1beta1)\/projects\/([^/]+)\/locations\/([^/]+)\/endpoints\/([^/]+)\/chat\/completions$/;

type Address = (typeof ADDRESS)[number];

/** Settings of a command that can say where calls go. */
interface AddressedSettings<Self> {
  readonly text: (name: Address) => string | undefined;
  readonly isOn: (name: 'emulator') => boolean;
  readonly withDefaults: (values: Partial<Record<Address, string | undefined> & { emulator: boolean }>) => Self;
}

/**
 * The settings of a command about a run, with the service that the run asked where they name none. How one logs in there is not on file, and
 * stays theirs to say.
 */
export function withServiceOfRun<Given extends AddressedSettings<Given>>(
  settings: Given,
  { settings: { service } }: Pick<Manifest, 'settings'>,
): Given {
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
