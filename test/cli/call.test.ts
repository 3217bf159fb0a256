import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { StopSignal } from '../../src/cli/terminal/terminal.ts';
import type { ChatRequest } from '../../src/completion/request.ts';
import { chunk, events, storyStream, toolStream } from '../completion/streams.ts';
import { answer, completion, startLocalServer, type LocalServer, type Reply } from '../vertex/local-server.ts';

let directory: string;
let servers: LocalServer[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gleaner-call-'));
});
afterEach(async () => {
  for (const server of servers) await server.close();
  servers = [];
  rmSync(directory, { recursive: true, force: true });
});

async function serve(reply: Reply): Promise<LocalServer> {
  const server = await startLocalServer(reply);
  servers.push(server);
  return server;
}

function sink(onText: (text: string) => void): Writable {
  return new Writable({
    write(text, _encoding, done) {
      onText(String(text));
      done();
    },
  });
}

interface Called {
  code: number;
  stdout: string;
  stderr: string;
}

interface CallOptions {
  stdin?: string;
  env?: Record<string, string>;
  onStderr?: (text: string, stop: (name: StopSignal) => void) => void;
}

async function call(args: readonly string[], { stdin = '', env = {}, onStderr }: CallOptions = {}): Promise<Called> {
  let stdout = '';
  let stderr = '';
  let stop: (name: StopSignal) => void = () => {};
  const code = await main(['call', ...args], {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: sink((text) => (stdout += text)),
    stderr: sink((text) => {
      stderr += text;
      onStderr?.(text, stop);
    }),
    environment: env,
    runId: 'r-1',
    onStopSignal: (listener) => {
      stop = listener;
      return () => {};
    },
  });
  return { code, stdout, stderr };
}

function sent(server: LocalServer): ChatRequest {
  return JSON.parse(server.requests[0]?.body ?? '') as ChatRequest;
}

test('a prompt is sent and the whole answer printed', async () => {
  const server = await serve((socket) => socket.write(answer(200, completion('Hello'))));
  const { code, stdout, stderr } = await call([
    '--base-url',
    `${server.url}/v1`,
    '--model',
    'google/gemini-3.5-flash',
    '--prompt',
    'Say hello',
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual(JSON.parse(completion('Hello')));
  expect(sent(server)).toEqual({
    model: 'google/gemini-3.5-flash',
    messages: [{ role: 'user', content: 'Say hello' }],
  });
  expect(server.requests[0]?.path).toBe('/v1/chat/completions');
});

test('a picture goes along inlined, an address as it is', async () => {
  const path = join(directory, 'cat.gif');
  writeFileSync(path, 'GIF89a');
  for (const [image, url] of [
    [path, `data:image/gif;base64,${Buffer.from('GIF89a').toString('base64')}`],
    ['gs://bucket/cat.jpg', 'gs://bucket/cat.jpg'],
  ]) {
    const server = await serve((socket) => socket.write(answer(200, completion('A cat'))));
    expect((await call(['--base-url', server.url, '--prompt', 'What is it?', '--image', String(image)])).code).toBe(0);
    expect(sent(server).messages[0]?.content).toEqual([
      { type: 'text', text: 'What is it?' },
      { type: 'image_url', image_url: { url } },
    ]);
  }
});

test('--stream shows the text as it arrives and prints the assembled answer', async () => {
  const server = await serve((socket) =>
    socket.write(answer(200, storyStream, { 'content-type': 'text/event-stream' })),
  );
  const { code, stdout, stderr } = await call(['--base-url', server.url, '--prompt', 'Tell a story', '--stream']);
  expect(code).toBe(0);
  const story = 'Es war einmal ein Rucksack 🎒, der "alles" trug:\nBücher, Brot, Zeit.';
  expect(stderr).toBe(`${story}\n`);
  expect(JSON.parse(stdout)).toMatchObject({
    object: 'chat.completion',
    choices: [{ finish_reason: 'stop', message: { role: 'assistant', content: story } }],
    usage: { completion_tokens_details: { reasoning_tokens: 504 } },
  });
  expect(sent(server).stream).toBe(true);
});

test('a request from a file or from standard input is sent as it is', async () => {
  const request = {
    model: 'google/gemini-3.1-pro-preview',
    messages: [{ role: 'user', content: 'How high is the tide?' }],
    tools: [{ type: 'function', function: { name: 'get_tide', parameters: { type: 'object', properties: {} } } }],
    extra_body: { google: { stream_function_call_arguments: true } },
    stream: true,
    unheard_of: [1],
  };
  const path = join(directory, 'request.json');
  writeFileSync(path, `\ufeff${JSON.stringify(request)}`);
  for (const [source, stdin] of [
    [path, ''],
    ['-', JSON.stringify(request)],
  ]) {
    const server = await serve((socket) => socket.write(answer(200, toolStream)));
    const { code, stdout, stderr } = await call(['--request', String(source), '--base-url', server.url], {
      stdin: String(stdin),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(sent(server)).toEqual(request);
    expect(JSON.parse(stdout).choices[0].message.tool_calls).toHaveLength(2);
  }
});

test('--model goes before the model of the request, --request-type becomes a header', async () => {
  const server = await serve((socket) => socket.write(answer(200, completion('x'))));
  const stdin = JSON.stringify({ model: 'google/a', messages: [{ role: 'user', content: 'x' }] });
  const flags = ['--request', '-', '--base-url', server.url, '--model', 'google/b', '--request-type', 'shared'];
  expect((await call(flags, { stdin })).code).toBe(0);
  expect(sent(server).model).toBe('google/b');
  expect(server.requests[0]?.headers).toMatchObject({ 'x-vertex-ai-llm-request-type': 'shared' });
});

test('--emulator answers without anything else', async () => {
  const { code, stdout } = await call([
    '--emulator',
    '--model',
    'google/gemini-3.5-flash',
    '--prompt',
    'Hello',
    '--stream',
  ]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ object: 'chat.completion', model: 'google/gemini-3.5-flash' });
});

const refused: { name: string; args: string[]; stdin?: string; says: RegExp }[] = [
  { name: 'nothing to send', args: [], says: /nothing is to be sent; give --prompt/ },
  { name: 'a request and a prompt', args: ['--request', '-', '--prompt', 'x'], says: /leave out --prompt and --image/ },
  { name: 'no model', args: ['--prompt', 'x', '--project', 'p-1', '--location', 'global'], says: /no model is given/ },
  {
    name: 'no project',
    args: ['--prompt', 'x', '--model', 'google/a'],
    says: /no project given; set --project or GOOGLE_CLOUD_PROJECT/,
  },
  {
    name: 'no such file',
    args: ['--request', 'missing.json'],
    says: /Cannot read the request in "missing.json": no such/,
  },
  { name: 'broken JSON', args: ['--request', '-'], stdin: '{\n"messages": [}', says: /stops being JSON on line 2/ },
  { name: 'empty input', args: ['--request', '-'], says: /stops being JSON on line 1/ },
  { name: 'no object', args: ['--request', '-'], stdin: '[]', says: /it must be a JSON object/ },
  { name: 'no messages', args: ['--request', '-'], stdin: '{"messages":[]}', says: /"messages" must be a list/ },
  {
    name: 'a message without role',
    args: ['--request', '-'],
    stdin: '{"messages":[{}]}',
    says: /messages\[0\] must be/,
  },
  {
    name: 'an odd extra_body',
    args: ['--request', '-'],
    stdin: '{"messages":[{"role":"user"}],"extra_body":{}}',
    says: /"extra_body" must be/,
  },
  { name: 'a missing picture', args: ['--prompt', 'x', '--image', 'missing.png'], says: /Cannot read "missing.png"/ },
  {
    name: 'what the model refuses',
    args: ['--request', '-', '--base-url', 'http://127.0.0.1:1'],
    stdin: '{"model":"google/gemini-3.8-flash","n":2,"messages":[{"role":"user","content":"x"}]}',
    says: /gives at most 1 answers a request, got n = 2/,
  },
];

test.each(refused)('$name is refused with exit code 2', async ({ args, stdin = '', says }) => {
  const { code, stdout, stderr } = await call(args, { stdin });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(says);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

test('--unchecked sends it all the same, with a warning', async () => {
  const server = await serve((socket) => socket.write(answer(200, completion('x'))));
  const args = ['--request', '-', '--base-url', server.url, '--unchecked'];
  const stdin = '{"model":"google/gemini-3.8-flash","n":2,"messages":[{"role":"user","content":"x"}]}';
  const { code, stderr } = await call(args, { stdin });
  expect(code).toBe(0);
  expect(stderr).toMatch(/^warning: .*got n = 2\n$/);
  expect(server.requests).toHaveLength(1);
});

test('what has no effect is warned of', async () => {
  const server = await serve((socket) => socket.write(answer(200, completion('x'))));
  const stdin = '{"model":"google/gemini-3.8-flash","temperature":0,"messages":[{"role":"user","content":"x"}]}';
  const { code, stderr } = await call(['--request', '-', '--base-url', server.url], { stdin });
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'warning: google/gemini-3.8-flash ignores temperature\n' });
});

const failures: { name: string; reply: Reply; code: number; says: RegExp }[] = [
  {
    name: '403',
    reply: (socket) => socket.write(answer(403, '[{"error":{"message":"No"}}]')),
    code: 2,
    says: /HTTP 403: No/,
  },
  { name: '429', reply: (socket) => socket.write(answer(429, '')), code: 2, says: /HTTP 429/ },
  { name: '503', reply: (socket) => socket.write(answer(503, '')), code: 3, says: /HTTP 503/ },
  { name: 'a reset', reply: (socket) => socket.resetAndDestroy(), code: 3, says: /reset/ },
  { name: 'no completion', reply: (socket) => socket.write(answer(200, '')), code: 3, says: /empty body/ },
];

test.each(failures)('$name exits $code, with and without --stream', async ({ reply, code, says }) => {
  const server = await serve(reply);
  for (const more of [[], ['--stream']]) {
    const called = await call(['--base-url', server.url, '--prompt', 'x', ...more]);
    expect(called).toMatchObject({ code, stdout: '' });
    expect(called.stderr).toMatch(says);
  }
});

test('control characters in the text do not reach the terminal', async () => {
  const stream = events(chunk({ content: 'a\u001b[2J\tb\r\nc' }, { finish: 'stop' }), '[DONE]');
  const server = await serve((socket) => socket.write(answer(200, stream)));
  const { stdout, stderr } = await call(['--base-url', server.url, '--prompt', 'x', '--stream']);
  expect(stderr).toBe('a[2J\tb\nc\n');
  expect(JSON.parse(stdout).choices[0].message.content).toBe('a\u001b[2J\tb\r\nc');
});

test('a stream that breaks off shows what came, prints nothing and exits 3', async () => {
  const server = await serve((socket) => socket.write(answer(200, events(chunk({ content: 'Once ' })))));
  const { code, stdout, stderr } = await call(['--base-url', server.url, '--prompt', 'x', '--stream']);
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toBe('Once \nerror: HTTP 200 with a stream that ends before its answer does\n');
});

test('an interrupt ends the call with its own exit code', async () => {
  const begun = events(chunk({ content: 'Once ' }));
  const server = await serve((socket) => socket.write(answer(200, begun, { 'content-length': '100000' })));
  for (const [name, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 143],
  ] as const) {
    const called = await call(['--base-url', server.url, '--prompt', 'x', '--stream'], {
      onStderr: (text, stop) => {
        if (text === 'Once ') stop(name);
      },
    });
    expect(called).toMatchObject({ code, stdout: '' });
  }
});
