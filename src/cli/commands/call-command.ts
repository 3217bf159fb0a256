import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { ApiError } from '../../completion/api-error.ts';
import { checkRequest } from '../../completion/check-request.ts';
import type { CompletionStream } from '../../completion/client.ts';
import { parseRequest } from '../../completion/parse-request.ts';
import type { ChatRequest, ContentPart } from '../../completion/request.ts';
import type { Completion } from '../../completion/response.ts';
import { locateJsonError } from '../../json/locate-json-error.ts';
import { mediaUrl } from '../../media/inline-media.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { describeSystemError } from '../../files/system-error.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { openClient } from '../open-client.ts';
import type { callFlags } from '../settings/flags/run-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { StopSignal, Terminal } from '../terminal/terminal.ts';

/** `gleaner call`: one request; the whole answer goes to stdout as JSON, a streamed text to stderr while it comes. */
export async function callCommand(
  _arguments: readonly string[],
  settings: Settings<typeof callFlags>,
  terminal: Terminal,
): Promise<number> {
  const request = await readRequest(settings, terminal);
  for (const { message, severity } of checkRequest(request)) {
    if (severity === 'warning' || settings.isOn('unchecked')) terminal.stderr.write(`warning: ${message}\n`);
  }
  // A whole request is sent as it is, with nothing added.
  const isWhole = settings.text('request') !== undefined;
  const service = await openClient(settings, terminal.environment, {
    isEmulated: settings.isOn('emulator'),
    streamUsage: !isWhole,
    checkRequests: !settings.isOn('unchecked'),
  });
  const aborting = new AbortController();
  let received: StopSignal | undefined;
  const unlisten = terminal.onStopSignal((name) => {
    received ??= name;
    aborting.abort(name);
  });
  const { signal } = aborting;
  try {
    await service.client.prepare({ signal });
    const completion =
      settings.isOn('stream') || request.stream === true
        ? await follow(service.client.stream(request, { signal }), terminal)
        : await service.client.complete(request, { signal });
    terminal.stdout.write(`${JSON.stringify(completion.raw, null, 2)}\n`);
    return EXIT_CODES.ok;
  } catch (error) {
    if (received !== undefined) return EXIT_CODES[received];
    if (!(error instanceof ApiError)) throw error;
    terminal.stderr.write(`error: ${error.message}\n`);
    return isOurFault(error) ? EXIT_CODES.refused : EXIT_CODES.stopped;
  } finally {
    unlisten();
    await service.close();
  }
}

/** Shows the text as it arrives. */
async function follow(stream: CompletionStream, { stderr }: Terminal): Promise<Completion> {
  let hasText = false;
  try {
    for await (const delta of stream) {
      if (delta.type !== 'text-delta') continue;
      hasText = true;
      // Control characters could do things to the terminal.
      stderr.write(delta.text.replaceAll(/[^\P{Cc}\n\t]/gu, ''));
    }
  } finally {
    if (hasText) stderr.write('\n');
  }
  return stream.completion;
}

function isOurFault({ kind, status = 0 }: ApiError): boolean {
  return kind === 'credentials' || (kind === 'status' && status >= 400 && status < 500);
}

async function readRequest(settings: Settings<typeof callFlags>, terminal: Terminal): Promise<ChatRequest> {
  const source = settings.text('request');
  const prompt = settings.text('prompt');
  const image = settings.text('image');
  if (source !== undefined && (prompt !== undefined || image !== undefined)) {
    throw new GleanerError('usage', 'Cannot call: --request holds the whole request; leave out --prompt and --image');
  }
  if (source === undefined && prompt === undefined) {
    throw new GleanerError(
      'usage',
      'Cannot call: nothing is to be sent; give --prompt, or --request with a JSON file or -',
    );
  }
  const model = settings.text('model');
  const request: ChatRequest =
    source === undefined
      ? { messages: [{ role: 'user', content: await promptContent(prompt ?? '', image) }] }
      : await requestFrom(source, terminal);
  if (model !== undefined) request.model = model;
  if (request.model === undefined && (settings.text('endpoint') ?? settings.text('base-url')) === undefined) {
    throw new GleanerError(
      'usage',
      'Cannot call: no model is given; set --model, such as google/gemini-3.5-flash-lite',
    );
  }
  return request;
}

async function promptContent(prompt: string, image: string | undefined): Promise<string | ContentPart[]> {
  if (image === undefined) return prompt;
  return [
    { type: 'text', text: prompt },
    { type: 'image_url', image_url: { url: await mediaUrl(image) } },
  ];
}

async function requestFrom(source: string, terminal: Terminal): Promise<ChatRequest> {
  const name = source === '-' ? 'standard input' : JSON.stringify(source);
  let text: string;
  try {
    text = (source === '-' ? await buffer(terminal.stdin) : await readFile(source))
      .toString('utf8')
      .replace(/^\ufeff/, '');
  } catch (error) {
    throw new GleanerError('usage', `Cannot read the request in ${name}: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
  const at = locateJsonError(text);
  if (at !== undefined) {
    const line = text.slice(0, at).split('\n').length;
    throw new GleanerError('usage', `Cannot read the request in ${name}: it stops being JSON on line ${line}`);
  }
  const parsed = parseRequest(JSON.parse(text));
  if ('problem' in parsed) throw new GleanerError('usage', `Cannot read the request in ${name}: ${parsed.problem}`);
  return parsed.request;
}
