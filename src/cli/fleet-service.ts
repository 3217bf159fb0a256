import type { Submission } from '../fleet/queue/submission.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { JsonValue } from '../json/value.ts';
import type { submitFlags, workFlags } from './settings/flags/fleet-flags.ts';
import type { Environment, Settings } from './settings/settings.ts';

/** What names a service among the settings. */
const NAMES = ['emulator', 'base-url', 'project', 'location'] as const;
type Name = (typeof NAMES)[number];
type Named = Record<Name, string | true | null>;

/**
 * The service that a run is submitted for, by the names of settings: all workers ask just that one.
 *
 * @throws {GleanerError} where none is named, as a run does
 */
export async function serviceToSubmit(
  settings: Settings<typeof submitFlags>,
  environment: Environment,
): Promise<Named> {
  const none = { emulator: null, 'base-url': null, project: null, location: null };
  if (settings.isOn('emulator')) return { ...none, emulator: true };
  const baseUrl = settings.text('base-url');
  const project = settings.text('project') ?? environment['GOOGLE_CLOUD_PROJECT'];
  const location = settings.text('location') ?? environment['GOOGLE_CLOUD_LOCATION'];
  const { chatCompletionsUrl } = await import('../vertex/endpoint-url.ts');
  const endpoint = settings.text('endpoint');
  chatCompletionsUrl({ project, location, endpoint, baseUrl, allowHttp: settings.isOn('allow-http') });
  if (baseUrl !== undefined) return { ...none, 'base-url': baseUrl.replace(/\/+$/, '') };
  return { ...none, project: project ?? null, location: location ?? null };
}

/**
 * Holds what a worker says of the service against what was submitted: answers of two services in one run would be told from each other by
 * nobody.
 *
 * @throws {GleanerError} where they differ
 */
export function demandSameService({ out, settings }: Submission, own: Settings<typeof workFlags>): void {
  const submitted = (name: Name): JsonValue => settings[name.replace('-u', 'U')] ?? null;
  const differing = NAMES.flatMap((name) => {
    const mine = name === 'emulator' ? own.isOn('emulator') || undefined : own.text(name)?.replace(/\/+$/, '');
    if (mine === undefined || mine === submitted(name)) return [];
    return [`--${name}${mine === true ? '' : ` ${mine}`}`];
  });
  if (differing.length === 0) return;
  const named = NAMES.filter((name) => ![null, false].includes(submitted(name) as null));
  const theirs = named.map((name) => `--${name}${submitted(name) === true ? '' : ` ${String(submitted(name))}`}`);
  throw new GleanerError(
    'run-differs',
    `Cannot work on the run in ${out}: it was submitted with ${theirs.join(' ') || 'no service'}, and this worker was started with ${differing.join(' ')}; start it without that, or submit the run for that service into another directory`,
  );
}
