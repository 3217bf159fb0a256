import { GleanerError } from '../../gleaner-error.ts';
import { nearestName } from '../../text/nearest-name.ts';
import type { CheckedDefaults } from './check-project.ts';
import type { Flag } from './flag.ts';
import type { ProjectFile } from './project-file.ts';
import type { SettledValue } from './settle-values.ts';

/** The values that a project file gives the flags of one command, by name. */
export type ProjectDefaults = ReadonlyMap<string, SettledValue>;

export interface ForWhat {
  command: string;
  flags: readonly Flag[];
  /** As the command was given it; undefined for commands that take none. */
  definition: string | undefined;
  profile: string | undefined;
}

/**
 * What a project file says for one command: the profile wins over the rest, and in both the definition over the command over all.
 *
 * @throws {GleanerError} when there is no profile of that name
 */
export function projectDefaults(file: ProjectFile | undefined, what: ForWhat): ProjectDefaults {
  const defaults = new Map<string, SettledValue>();
  const { profile } = what;
  if (file === undefined) {
    if (profile === undefined) return defaults;
    throw new GleanerError(
      'usage',
      `Cannot use the profile ${profile}: there is no project file here, such as gleaner.config.ts`,
    );
  }
  const { name, project } = file;
  addDefaults(defaults, project, what, name);
  if (profile === undefined) return defaults;
  const chosen = project.profiles.get(profile);
  if (chosen === undefined) {
    const nearest = nearestName(profile, project.profiles.keys());
    const known = project.profiles.size === 0 ? 'it has none' : `it has ${[...project.profiles.keys()].join(', ')}`;
    const hint = nearest === undefined ? known : `did you mean ${nearest}?`;
    throw new GleanerError('usage', `Cannot use the profile ${profile}: ${name} has none of that name; ${hint}`);
  }
  addDefaults(defaults, chosen, what, `${name}, profiles.${profile}`);
  return defaults;
}

function addDefaults(
  defaults: Map<string, SettledValue>,
  { flags: everywhere, commands, definitions }: CheckedDefaults,
  { command, flags, definition }: ForWhat,
  place: string,
): void {
  const names = new Set(flags.map(({ name }) => name));
  const key = definition === undefined ? undefined : definitionKey(definition, definitions.keys());
  const sources = [
    ['flags', everywhere],
    [`commands.${command}`, commands.get(command)],
    [`definitions.${key}`, key === undefined ? undefined : definitions.get(key)],
  ] as const;
  for (const [at, values] of sources)
    for (const [name, value] of values ?? [])
      if (names.has(name)) defaults.set(name, { value, origin: `${place}, ${at}` });
}

/** `receipt` is meant by `receipt`, `schemas/receipt.ts` and `receipt.ts#invoices`, unless more is named. */
function definitionKey(definition: string, known: Iterable<string>): string | undefined {
  const names = new Set(known);
  const file = definition.replace(/#[^#/\\]*$/, '');
  const bare = file.replace(/^.*[\\/]/, '').replace(/\.[cm]?[jt]s$/, '');
  return [definition, file, bare].find((name) => names.has(name));
}
