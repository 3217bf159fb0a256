import { ApiError } from '../completion/api-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import { costOf, findPrice, toUsd } from '../accounting/price-of.ts';
import { priceTable } from '../accounting/price-table.ts';
import type { Completion } from '../completion/response.ts';
import { formatUsd } from '../text/format.ts';
import type { VertexClient } from '../vertex/client.ts';
import type { CheckResult } from './check-result.ts';

/** Tokens are refused by clocks that are further apart; from here on nothing works. */
const WORST_SKEW_MS = 300_000;
const NOTABLE_SKEW_MS = 30_000;
const PROBE_TOKENS = 16;

/** Whether the host of the service answers, and whether its clock and ours agree. */
export async function checkHost(
  client: Pick<VertexClient, 'reach'>,
  now: () => number,
): Promise<[network: CheckResult, clock: CheckResult]> {
  try {
    const { origin, date, roundTripMs } = await client.reach();
    const reached: CheckResult = {
      name: 'network',
      status: 'ok',
      message: `${origin} answers within ${Math.ceil(roundTripMs)} ms`,
    };
    // Dates in answers are whole seconds.
    return [reached, checkClock(date === undefined ? undefined : now() - roundTripMs / 2 - date)];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const advice = 'look at the connection, the proxy and the name of the place';
    return [{ name: 'network', status: 'failed', message: error.message, advice }, skipped('clock', 'nobody answers')];
  }
}

function checkClock(skewMs: number | undefined): CheckResult {
  const name = 'clock';
  if (skewMs === undefined) return skipped(name, 'the answer has no date');
  const distance = Math.abs(skewMs);
  if (distance < NOTABLE_SKEW_MS)
    return { name, status: 'ok', message: "this machine's clock and the service's agree" };
  const message = `this machine's clock is ${Math.round(distance / 1000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} the service's`;
  const status = distance >= WORST_SKEW_MS ? 'failed' : 'warning';
  return { name, status, message, advice: 'set the clock; credentials are refused by clocks that are far apart' };
}

/** Whether there are credentials, and a token for them. Makes no call to a model. */
export async function checkCredentials(client: Pick<VertexClient, 'prepare'>): Promise<CheckResult> {
  const name = 'credentials';
  try {
    await client.prepare();
    return { name, status: 'ok', message: 'there are credentials for this service' };
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof GleanerError)) throw error;
    return { name, status: 'failed', message: error.message };
  }
}

/** One small call, which a model bills. */
export async function checkCall(
  client: Pick<VertexClient, 'complete' | 'service'>,
  model: string | null,
  now: () => number,
): Promise<CheckResult> {
  const name = 'call';
  const startedAt = now();
  try {
    const { usage, trafficType } = await client.complete({
      ...(model === null ? {} : { model }),
      messages: [{ role: 'user', content: 'Answer with the word ready.' }],
      max_tokens: PROBE_TOKENS,
    });
    const bill = client.service.isEmulated
      ? 'the emulator bills nothing'
      : billOf({ usage, trafficType }, model, now());
    return {
      name,
      status: 'ok',
      message: `${model ?? 'the endpoint'} answered after ${now() - startedAt} ms; ${bill}`,
    };
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof GleanerError)) throw error;
    return { name, status: 'failed', message: error.message };
  }
}

function billOf(
  { usage, trafficType }: Pick<Completion, 'usage' | 'trafficType'>,
  model: string | null,
  now: number,
): string {
  const price = model === null ? undefined : findPrice(model, new Date(now), priceTable);
  if (price === undefined || usage === undefined) return 'what it cost is not known';
  const cost = costOf(usage, price, trafficType === undefined ? {} : { trafficType });
  return `it cost ${formatUsd(toUsd(cost))}`;
}

export function skipped(name: string, message: string): CheckResult {
  return { name, status: 'skipped', message };
}
