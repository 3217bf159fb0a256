import { GleanerError } from '../../gleaner-error.ts';
import { nearestName } from '../../text/nearest-name.ts';
import { environmentName } from './flag.ts';
import { POOL_PASSWORD } from '../open-pool.ts';
import { flagsByCommand } from './flags/flags-by-command.ts';
import type { Environment } from './settings.ts';

const OURS = /^GLEANER_/i;

/** What no flag may hold. */
const SECRETS: ReadonlySet<string> = new Set([POOL_PASSWORD]);

/**
 * A variable that no command has, or one without a value, is a mistake that would cost: GLEANER_MAX_COSTS=1 caps nothing.
 *
 * @throws {GleanerError} naming the variable, and the one that is likely meant
 */
export function checkVariables(environment: Environment): void {
  const known = new Set(Object.values(flagsByCommand).flatMap((flags) => flags.map(environmentName)));
  for (const [name, value] of Object.entries(environment)) {
    if (!OURS.test(name) || value === undefined || SECRETS.has(name)) continue;
    if (!known.has(name)) {
      const nearest = nearestName(name, known);
      const hint = nearest === undefined ? 'all flags stand in docs/cli.md.' : `did you mean ${nearest}?`;
      throw new GleanerError(
        'usage',
        `Cannot use the environment variable ${name}: no flag has that name; ${hint} Unset it if it is not for gleaner`,
      );
    }
    if (value.trim() === '') {
      throw new GleanerError(
        'usage',
        `Cannot use the environment variable ${name}: it is empty; give it a value, or unset it`,
      );
    }
  }
}
