import { isInBigQuery, parseDatasetAddress } from '../../bigquery/dataset-address.ts';
import { parseStorageAddress } from '../../cloud-storage/storage-address.ts';
import type { CheckResult } from '../../doctor/check-result.ts';
import { checkSetup, type CheckSetupOptions } from '../../doctor/check-setup.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { version } from '../../packages/version.ts';
import { visible } from '../../text/visible.ts';
import { withAdvice } from '../advice.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { openClient, type Service } from '../open-client.ts';
import type { doctorFlags } from '../settings/flags/before-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `gleaner doctor [definition]`: a line for each check, and exit 1 where one failed. */
export async function doctorCommand(
  [definition]: readonly string[],
  settings: Settings<typeof doctorFlags>,
  terminal: Terminal,
): Promise<number> {
  const results: CheckResult[] = [];
  const tell = (result: CheckResult): void => {
    results.push(result);
    if (!settings.isOn('json')) terminal.stdout.write(`${visible(lineOf(result))}\n`);
  };
  const service = await openOrTell(settings, terminal, tell);
  try {
    const isEndpoint = settings.text('endpoint') !== undefined;
    const checks = checkSetup({
      client: service?.client,
      definition,
      model: settings.text('model') ?? (isEndpoint ? null : undefined),
      send: settings.isOn('send'),
      batch: service === undefined ? undefined : batchPlace(settings, service),
      table: service === undefined ? undefined : tablePlace(settings, service),
    });
    for await (const result of checks) tell(withFlag(result));
  } finally {
    await service?.close();
  }
  const isFine = results.every(({ status }) => status !== 'failed');
  if (settings.isOn('json')) terminal.stdout.write(`${JSON.stringify({ ok: isFine, checks: results }, null, 2)}\n`);
  return isFine ? EXIT_CODES.ok : EXIT_CODES.checkFailed;
}

/** @throws {GleanerError} where the service has no batch jobs */
function batchPlace(settings: Settings<typeof doctorFlags>, { google }: Service): CheckSetupOptions['batch'] {
  const target = settings.text('batch');
  if (target === undefined) return undefined;
  if (google === undefined) {
    throw new GleanerError(
      'usage',
      "Cannot look at batch jobs here: they are for Google's models on Vertex AI; give --project and --location, without --base-url and --endpoint",
    );
  }
  if (isInBigQuery(target)) parseDatasetAddress(target);
  else parseStorageAddress(target);
  return { ...google, target, userAgent: `gleaner/${version()}` };
}

/** @throws {GleanerError} where the service has no credentials for BigQuery */
function tablePlace(settings: Settings<typeof doctorFlags>, { google }: Service): CheckSetupOptions['table'] {
  const target = settings.text('table');
  if (target === undefined) return undefined;
  if (google === undefined) {
    throw new GleanerError(
      'usage',
      'Cannot look at a table here: it is read with the credentials of Vertex AI; give --project and --location, without --base-url and --endpoint',
    );
  }
  return { ...google, target, userAgent: `gleaner/${version()}` };
}

/** Where calls would go; what is missing for that is a finding like others. */
async function openOrTell(
  settings: Settings<typeof doctorFlags>,
  { environment }: Terminal,
  tell: (result: CheckResult) => void,
): Promise<Service | undefined> {
  try {
    const service = await openClient(settings, environment, { isEmulated: settings.isOn('emulator') });
    tell({ name: 'service', status: 'ok', message: service.client.url.href });
    return service;
  } catch (error) {
    if (!(error instanceof GleanerError)) throw error;
    tell({ name: 'service', status: 'failed', message: withAdvice(error, error.message) });
    return undefined;
  }
}

/** The library knows no flags. */
function withFlag(result: CheckResult): CheckResult {
  const { name, status, advice } = result;
  return (name === 'call' || name === 'batch job') && status === 'skipped' && advice !== undefined
    ? { ...result, advice: 'give --send to have one made' }
    : result;
}

const NAME_WIDTH = 'credentials'.length;

function lineOf({ name, status, message, advice }: CheckResult): string {
  const what = advice === undefined ? message : `${message}; ${advice}`;
  return `${status.padEnd('skipped'.length)}  ${name.padEnd(NAME_WIDTH)}  ${what}`;
}
