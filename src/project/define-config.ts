import type { CommandName, FlagDefaults } from './flag-defaults.ts';

/** Defaults for the flags of commands. Of several that say the same, the one further down wins. */
export interface DefaultsByPlace {
  /** For every command that has the flag. */
  readonly flags?: FlagDefaults;
  readonly commands?: { readonly [Name in CommandName]?: FlagDefaults };
  /** By the name of a definition as commands are given it: `receipt` for `receipt` and `schemas/receipt.ts`. */
  readonly definitions?: { readonly [name: string]: FlagDefaults };
}

export interface ProjectConfig extends DefaultsByPlace {
  /** Further defaults that are chosen by name and win over those above. */
  readonly profiles?: { readonly [name: string]: DefaultsByPlace };
}

/**
 * Types a project file, `gleaner.config.ts`. What stands there is looked at by the command only; the library reads no such file.
 *
 *     export default defineConfig({
 *       flags: { project: 'my-project', location: 'global' },
 *       commands: { run: { maxCost: 20 } },
 *       profiles: { nightly: { commands: { run: { cache: 'answers.db', maxRejectRate: 0.02 } } } },
 *     });
 */
export function defineConfig(config: ProjectConfig): ProjectConfig {
  return config;
}
