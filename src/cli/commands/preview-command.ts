import { dirname, resolve } from 'node:path';
import { VERTEX_AI } from '../../completion/service.ts';
import type { Extraction } from '../../extraction/definition.ts';
import { loadDefinition } from '../../extraction/load-definition.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { Choice } from '../../preview/choose-rows.ts';
import { previewRecords, type RecordPreview } from '../../preview/preview-records.ts';
import { previewText, sentText } from '../../preview/preview-text.ts';
import { sendPreviewed } from '../../preview/send-previewed.ts';
import type { RecordFormat } from '../../records/record.ts';
import { visible } from '../../text/visible.ts';
import type { WireRequest } from '../../vertex/client.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { openClient, type Service } from '../open-client.ts';
import type { previewFlags } from '../settings/flags/before-flags.ts';
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
    const wires = settings.isOn('wire') ? previews.map((preview) => wireOf(preview, extraction, service)) : [];
    if (settings.isOn('json')) {
      for (const [at, { fields: _fields, ...preview }] of previews.entries())
        terminal.stdout.write(`${JSON.stringify({ ...preview, ...textOption('wire', wires[at]) })}\n`);
    } else {
      const texts = previews.map((preview, at) =>
        previewText(preview, { wire: wires[at], width: terminal.stdout.columns }),
      );
      terminal.stdout.write(`${visible(texts.join('\n\n'))}\n`);
    }
    if (service === undefined || !settings.isOn('send')) return EXIT_CODES.ok;
    const records = previews.flatMap(({ id, fields }) => (fields === undefined ? [] : [{ id, fields }]));
    const sent = await sendPreviewed(extraction, records, {
      mediaRoot: dirname(resolve(input)),
      ...common,
      ...textOption('cache', settings.text('cache')),
      client: service.client,
    });
    const isEmulated = service.client.service.isEmulated;
    terminal.stdout.write(
      settings.isOn('json') ? `${JSON.stringify(sent)}\n` : `\n${visible(sentText(sent, isEmulated))}\n`,
    );
    if (settings.text('cache') === undefined && !isEmulated)
      terminal.stderr.write(
        'These answers are not kept: with --cache <file>, here and in the run, it does not pay for them again\n',
      );
    return sent.rejects.length > 0 ? EXIT_CODES.tooManyRejects : EXIT_CODES.ok;
  } finally {
    await service?.close();
  }
}

/** Without these, nothing but the request's form depends on the service, and no account is needed to look at it. */
function needsService(settings: Settings<typeof previewFlags>): boolean {
  const named = settings.text('base-url') ?? settings.text('endpoint');
  return settings.isOn('send') || settings.isOn('wire') || settings.isOn('emulator') || named !== undefined;
}

function wireOf(
  { request }: RecordPreview,
  { stream = false }: Extraction,
  service: Service | undefined,
): WireRequest | undefined {
  return request === undefined ? undefined : service?.client.wire(request, { stream });
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
