import { dirname, resolve } from 'node:path';
import { VERTEX_AI } from '../../completion/service.ts';
import { estimateRun, type EstimateOptions } from '../../estimate/estimate-run.ts';
import { estimateText } from '../../estimate/estimate-text.ts';
import { findRun } from '../../export/find-run.ts';
import { loadDefinition } from '../../extraction/load-definition.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { RecordFormat } from '../../records/record.ts';
import { counted } from '../../text/counted.ts';
import { visible, visibleLine } from '../../text/visible.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { openClient } from '../open-client.ts';
import { withServiceOfRun } from '../service-of-retry.ts';
import type { estimateFlags } from '../settings/flags/before-flags.ts';
import { NamedSettings, type Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

type EstimateSettings = Settings<typeof estimateFlags>;

/** Where the answers of a sample are kept when no cache is named. */
const SAMPLE_CACHE = 'gleaner-answers.db';
const DEFAULT_CONCURRENCY = 16;

/** `gleaner estimate <definition> <input>`: what a run would cost and take. */
export async function estimateCommand(
  [definition = '', input = '']: readonly string[],
  given: EstimateSettings,
  terminal: Terminal,
): Promise<number> {
  if (input === '-')
    throw new GleanerError('usage', 'Cannot estimate standard input: it can be read once only, by the run');
  const { extraction } = await loadDefinition(definition);
  const out = given.text('out');
  const settings = out === undefined ? given : withServiceOfRun(given, findRun(out).manifest);
  const sample = settings.number('sample') ?? 0;
  const isNamed = settings.text('base-url') !== undefined || settings.text('endpoint') !== undefined;
  const service =
    sample > 0 || isNamed || settings.isOn('emulator')
      ? await openClient(serviceSettings(settings), terminal.environment, { isEmulated: settings.isOn('emulator') })
      : undefined;
  const client = service?.client ?? {
    service: { name: VERTEX_AI, isEmulated: false },
    additions: additionsOf(settings),
  };
  const options = await optionsOf(settings, { input, sample });
  try {
    const models = settings
      .text('model')
      ?.split(',')
      .filter((name) => name !== '');
    const unnamed = settings.text('endpoint') === undefined ? undefined : null;
    let refused: unknown;
    for (const [place, model] of (models ?? [unnamed]).entries()) {
      const asked = { ...options, client, ...(model === undefined ? {} : { model }) };
      const estimate = await estimateRun(extraction, asked).catch((error: unknown) => {
        // What one model does not take hides nothing of the others.
        if (models === undefined || models.length === 1 || !(error instanceof GleanerError)) throw error;
        terminal.stderr.write(`${model}: ${visibleLine(error.message)}\n`);
        refused ??= error;
      });
      if (estimate === undefined) continue;
      const isEmulated = client.service?.isEmulated === true;
      terminal.stdout.write(
        settings.isOn('json')
          ? `${JSON.stringify(estimate)}\n`
          : `${place === 0 ? '' : '\n'}${visible(estimateText(estimate, { isEmulated, pace: paceText(settings) }))}\n`,
      );
    }
    if (sample > 0) {
      terminal.stderr.write(
        `The answers of the sample are kept in ${visibleLine(options.cache ?? '')}: a run with --cache ${visibleLine(options.cache ?? '')} does not pay for them again\n`,
      );
    }
    return refused === undefined ? EXIT_CODES.ok : EXIT_CODES.refused;
  } finally {
    await service?.close();
  }
}

async function optionsOf(
  settings: EstimateSettings,
  { input, sample }: { input: string; sample: number },
): Promise<Omit<EstimateOptions, 'client' | 'model'>> {
  const priceFile = settings.text('prices');
  const prices =
    priceFile === undefined
      ? undefined
      : await (await import('../../accounting/read-price-file.ts')).readPriceFile(priceFile);
  const cache = settings.text('cache') ?? (sample > 0 ? SAMPLE_CACHE : undefined);
  const reading = {
    ...given('delimiter', settings.text('delimiter')),
    ...given('encoding', settings.text('encoding')),
    ...given('format', settings.text('format') as RecordFormat | undefined),
    ...(settings.isOn('fill-short-rows') ? { fillShortRows: true } : {}),
  };
  return {
    input,
    sample,
    reading,
    mediaRoot: settings.text('media-root') ?? dirname(resolve(input)),
    ...given('cache', cache),
    ...given('out', settings.text('out')),
    ...given('compareWith', settings.text('compare-with')),
    ...given('limit', settings.number('limit')),
    ...given('idField', settings.text('id-field')),
    ...given('prices', prices),
    ...given('concurrency', settings.number('concurrency')),
    ...given('requestsPerMinute', settings.number('rpm')),
    ...given('tokensPerMinute', settings.number('tpm')),
    sampleOptions: {
      ...given('maxAttempts', settings.number('max-attempts')),
      ...given('maxReasks', settings.number('max-reasks')),
      ...given('maxCostUsd', settings.number('max-cost')),
    },
  };
}

/** The client is told no model: each request names its own. */
function serviceSettings(settings: EstimateSettings): Parameters<typeof openClient>[0] {
  return new NamedSettings(
    new Map<string, unknown>([
      ...(['project', 'location', 'endpoint', 'api-version', 'base-url', 'auth', 'request-type'] as const).map(
        (name) => [name, settings.text(name)] as const,
      ),
      ['allow-http', settings.isOn('allow-http')],
      ['timeout-ms', settings.number('timeout-ms')],
    ]),
  );
}

/** The consumption option that is asked for decides the price, also where nothing is sent. */
function additionsOf(settings: EstimateSettings): { trafficTypes?: string[] } {
  switch (settings.text('request-type')) {
    case 'flex':
      return { trafficTypes: ['ON_DEMAND_FLEX'] };
    case 'priority':
      return { trafficTypes: ['ON_DEMAND_PRIORITY'] };
    default:
      return {};
  }
}

function paceText(settings: EstimateSettings): string {
  const parts = [
    `${counted(settings.number('concurrency') ?? DEFAULT_CONCURRENCY, 'call')} at a time`,
    ...(['rpm', 'tpm'] as const).flatMap((name) => {
      const limit = settings.number(name);
      return limit === undefined ? [] : `${limit} ${name === 'rpm' ? 'requests' : 'tokens'} a minute`;
    }),
  ];
  return parts.join(', ');
}

function given<Name extends string, Value>(name: Name, value: Value | undefined): { [name in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [name in Name]?: Value });
}
