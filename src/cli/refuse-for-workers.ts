import { createBudget } from '../accounting/create-budget.ts';
import { Prices } from '../accounting/prices.ts';
import type { CompletionClient } from '../completion/client.ts';
import type { ChatRequest } from '../completion/request.ts';
import type { Extraction } from '../extraction/definition.ts';
import { GleanerError } from '../gleaner-error.ts';
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
    const { buildRequest, model } = await prepareExtraction(extraction, options);
    await refuseBelowOneCall(extraction, { settings, client: service.client, model, request: buildRequest([]) });
  } finally {
    await service.close();
  }
}

interface Asked {
  settings: Settings<typeof submitFlags>;
  client: CompletionClient;
  model: string | undefined;
  /** A call without any text: none costs less. */
  request: ChatRequest;
}

/** A price that is not known here may be one that the workers are given. */
async function refuseBelowOneCall(extraction: Extraction, { settings, client, model, request }: Asked): Promise<void> {
  const isPriced = model !== undefined && new Prices({ model }).find(model) !== undefined;
  const tokens = leastOf(settings.number('max-total-tokens'), settings.number('pool-max-total-tokens'));
  const usd = isPriced ? leastOf(settings.number('max-cost'), settings.number('pool-max-cost')) : undefined;
  const { budget } = createBudget(
    { maxTotalTokens: tokens, maxCostUsd: usd, client },
    { model, name: extraction.name },
  );
  if ((await budget.reserve(request, new AbortController().signal)) !== undefined) return;
  throw new GleanerError('option-invalid', `Cannot submit ${extraction.name}: ${budget.describe()}`);
}

function leastOf(...caps: (number | undefined)[]): number | undefined {
  const named = caps.filter((cap) => cap !== undefined);
  return named.length === 0 ? undefined : Math.min(...named);
}
