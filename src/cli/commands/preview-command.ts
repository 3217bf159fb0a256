import { dirname, resolve } from 'node:path';
import { VERTEX_AI } from '../../completion/service.ts';
import { loadDefinition } from '../../extraction/load-definition.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { Choice } from '../../preview/choose-rows.ts';
import { previewRecords, type RecordPreview } from '../../preview/preview-records.ts';
import { sendPreviewed, type SentRecords } from '../../preview/send-previewed.ts';
import type { RecordFormat } from '../../records/record.ts';
import { formatCount, formatUsd } from '../../text/format.ts';
import { visible } from '../../text/visible.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { openClient, type Service } from '../open-client.ts';
import type { previewFlags } from '../settings/flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `gleaner preview <definition> <input>`: what would be sent; with --send, what comes back. */
export async function previewCommand(
  [definition = '', input = '']: readonly string[],
  settings: Settings<typeof previewFlags>,
  terminal: Terminal,
): Promise<number> {
  if (input === '-') throw new GleanerError('usage', 'Cannot preview standard input: a record is looked for in a file');
  const { extraction } = await loadDefinition(definition);
  const { readPriceFile } = await import('../../accounting/read-price-file.ts');
  const priceFile = settings.text('prices');
  const model = settings.text('endpoint') === undefined ? settings.text('model') : (settings.text('model') ?? null);
  const common = {
    ...(model === undefined ? {} : { model }),
    ...(priceFile === undefined ? {} : { prices: await readPriceFile(priceFile) }),
    ...textOption('idField', settings.text('id-field')),
    ...textOption('mediaRoot', settings.text('media-root')),
  };
  const service = needsService(settings)
    ? await openClient(settings, terminal.environment, { isEmulated: settings.isOn('emulator') })
    : undefined;
  try {
    const client = service?.client ?? { service: { name: VERTEX_AI, isEmulated: false } };
    const reading = {
      ...textOption('delimiter', settings.text('delimiter')),
      ...textOption('encoding', settings.text('encoding')),
      ...(settings.isOn('fill-short-rows') ? { fillShortRows: true } : {}),
      ...textOption('format', settings.text('format') as RecordFormat | undefined),
    };
    const previews = await previewRecords(extraction, {
      ...common,
      input,
      choice: choiceOf(settings),
      client,
      reading,
    });
    if (settings.isOn('json')) {
      for (const { fields: _fields, ...preview } of previews) terminal.stdout.write(`${JSON.stringify(preview)}\n`);
    } else terminal.stdout.write(`${visible(previews.map(previewText).join('\n\n'))}\n`);
    if (service === undefined || !settings.isOn('send')) return EXIT_CODES.ok;
    const records = previews.flatMap(({ fields }) => (fields === undefined ? [] : [fields]));
    const sent = await sendPreviewed(extraction, records, {
      mediaRoot: dirname(resolve(input)),
      ...common,
      ...textOption('cache', settings.text('cache')),
      client: service.client,
    });
    terminal.stdout.write(
      settings.isOn('json') ? `${JSON.stringify(sent)}\n` : `\n${visible(sentText(sent, service))}\n`,
    );
    return sent.rejects.length > 0 ? EXIT_CODES.tooManyRejects : EXIT_CODES.ok;
  } finally {
    await service?.close();
  }
}

/** Without these, nothing but the request's form depends on the service, and no account is needed to look at it. */
function needsService(settings: Settings<typeof previewFlags>): boolean {
  const named = settings.text('base-url') ?? settings.text('endpoint');
  return settings.isOn('send') || settings.isOn('emulator') || named !== undefined;
}

function choiceOf(settings: Settings<typeof previewFlags>): Choice {
  const [id, line, size] = [settings.text('id'), settings.number('line'), settings.number('sample')];
  if ([id, line, size].filter((given) => given !== undefined).length > 1)
    throw new GleanerError(
      'usage',
      'Cannot choose records by more than one of --id, --line and --sample: give one of them',
    );
  if (id !== undefined) return { kind: 'id', id };
  if (line !== undefined) return { kind: 'line', line };
  return size === undefined ? { kind: 'first' } : { kind: 'sample', size };
}

function textOption<Name extends string, Value>(name: Name, value: Value | undefined): { [name in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [name in Name]?: Value });
}

function previewText({ id, line, problem, request, promptTokens = 0, atMost }: RecordPreview): string {
  const name = `${id === null ? 'no id' : id}, line ${formatCount(line)}`;
  if (request === undefined) return `${name}: nothing would be sent: ${problem ?? ''}`;
  const { messages, ...settings } = request;
  const usd = atMost?.usd ?? undefined;
  const money = usd === undefined ? 'a price that is not known' : formatUsd(usd);
  return [
    `${name}: a prompt of about ${formatCount(promptTokens)} tokens; one call is billed at most ${formatCount(atMost?.tokens ?? 0)} tokens, ${money}`,
    ...messages.map(
      ({ role, content }) => `--- ${role}\n${typeof content === 'string' ? content : JSON.stringify(content, null, 2)}`,
    ),
    `--- settings\n${JSON.stringify(settings, null, 2)}`,
  ].join('\n');
}

function sentText({ results, rejects, usd }: SentRecords, { client }: Service): string {
  const price = usd === null ? 'at a price that is not known' : `for ${formatUsd(usd)}`;
  const billed =
    client.service?.isEmulated === true
      ? `${price} at list prices; the emulator answered, and nothing was billed`
      : price;
  return [
    `--- sent: ${results.length} extracted, ${rejects.length} rejected, ${billed}`,
    ...results.map(({ id, data }) => `${id}: ${JSON.stringify(data, null, 2)}`),
    ...rejects.map(({ id, error }) => `${id ?? 'no id'}: rejected, ${error.code}: ${error.message}`),
  ].join('\n');
}
