import { GleanerError } from '../gleaner-error.ts';
import type { FleetPool, FleetPoolOptions } from '../fleet/pool/open-pool.ts';
import type { Work } from './run-with-terminal.ts';
import type { poolFlags } from './settings/flags/pool-flags.ts';
import type { Environment, Settings } from './settings/settings.ts';

/** Holds the password of a pool: not a flag, which lists of processes would show. */
export const POOL_PASSWORD = 'GLEANER_POOL_PASSWORD';

/**
 * What a run does with a pool; nothing, and nothing is loaded, where no flag asks for one.
 *
 * @throws {GleanerError} for flags of a pool without one
 */
export function poolWork(settings: Settings<typeof poolFlags>, environment: Environment): Pick<Work, 'openPool'> {
  const url = settings.text('pool');
  if (url !== undefined) return { openPool: () => openPoolOf(url, settings, environment) };
  const alone =
    (['pool-max-cost', 'pool-max-total-tokens', 'pool-wait-ms'] as const).find(
      (flag) => settings.number(flag) !== undefined,
    ) ?? (settings.text('pool-prefix') === undefined ? undefined : 'pool-prefix');
  if (alone === undefined) return {};
  throw new GleanerError(
    'usage',
    `Cannot use --${alone} without --pool: it says how a pool is used; add --pool redis://host:port/0`,
  );
}

/** @throws {GleanerError} where the pool cannot be used like this, or ioredis is not installed */
export async function openPoolOf(
  url: string,
  settings: Settings<typeof poolFlags>,
  environment: Environment,
  options: Pick<FleetPoolOptions, 'run' | 'runCaps' | 'isWarned'> = {},
): Promise<FleetPool> {
  const { openFleetPool } = await import('../fleet/pool/open-pool.ts');
  return openFleetPool({
    ...options,
    url,
    password: environment[POOL_PASSWORD],
    prefix: settings.text('pool-prefix'),
    maxTotalTokens: settings.number('pool-max-total-tokens'),
    maxCostUsd: settings.number('pool-max-cost'),
    waitMs: settings.number('pool-wait-ms'),
  });
}
