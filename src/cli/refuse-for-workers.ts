import type { Extraction } from '../extraction/definition.ts';
import { prepareExtraction } from '../run/prepare-extraction.ts';
import { settleRunOptions } from '../run/run-options.ts';
import { openClient } from './open-client.ts';
import { conductedOptions } from './run-with-terminal.ts';
import { fleetFlags } from './settings/flags/fleet-flags.ts';
import type { submitFlags } from './settings/flags/fleet-flags.ts';
import { conductedRunFlags } from './settings/flags/run-flags.ts';
import { resolveSettings, valuesOf, type Settings } from './settings/settings.ts';
import type { Environment } from './settings/settings.ts';

/**
 * Refuses at once what every worker would refuse: it makes of the flags what a worker makes of them, but for credentials, and sends nothing.
 *
 * @throws {GleanerError} as a worker would
 */
export async function refuseForWorkers(
  extraction: Extraction,
  settings: Settings<typeof submitFlags>,
  environment: Environment,
): Promise<void> {
  const { emulator: isEmulated, ...values } = valuesOf(fleetFlags, settings);
  // The emulator is not started for that; nobody is asked at this address.
  const place = isEmulated === true && values['baseUrl'] === undefined ? { baseUrl: 'http://127.0.0.1:9/v1' } : {};
  const seen = resolveSettings([...conductedRunFlags], { ...values, ...place, auth: 'none' }, {});
  const both = { isEmulated: isEmulated === true && values['baseUrl'] !== undefined };
  const service = await openClient(seen, environment, both);
  try {
    const options = settleRunOptions({ ...conductedOptions(seen), client: service.client, input: [], out: '.' });
    await prepareExtraction(extraction, options);
  } finally {
    await service.close();
  }
}
