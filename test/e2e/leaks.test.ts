import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { gleaner, noteDefinition, readRun, temporaryDirectory, writeFile, type CommandResult } from './harness.ts';

/** Shaped like no credential that a pattern would know. */
const TOKEN = 'quiet.lantern.Zq7Rk2Vx9';
const ENVIRONMENT = 'forgotten-umbrella-Wm4Tj8';
const RECORD = 'Recordcanary';
const ANSWER = 'Answercanary';

/** Files that hold what records and answers say, on purpose; the page for people shows examples. */
const contentFiles =
  /(?:results|rejects|retrying)\.jsonl$|report\.html$|profile\.json$|answers\.db(?:-\w+)?$|notes\.jsonl$|export\./;

/** What the service does with a record, by the name in its text. All but the last kind of trouble passes at the second call. */
const troubles: Record<string, (request: IncomingMessage, response: ServerResponse, body: string) => void> = {
  'echo-json': (request, response) =>
    send(response, 500, { error: { code: 500, message: `Failed with ${echo(request)}`, status: 'INTERNAL' } }),
  'echo-array': (request, response) =>
    send(response, 503, [
      { error: { code: 503, message: echo(request), status: `${TOKEN}`, details: [{ reason: TOKEN }] } },
    ]),
  'echo-html': (request, response) => {
    response.writeHead(502, { 'content-type': 'text/html' });
    response.end(`<html><head><title>Bad gateway: ${echo(request)}</title></head><body>${echo(request)}</body></html>`);
  },
  'echo-headers': (_request, response) => {
    const headers = { 'retry-after': TOKEN, 'content-encoding': TOKEN, 'www-authenticate': `Bearer ${TOKEN}` };
    response.writeHead(503, { ...headers, location: `https://${TOKEN}.example/${TOKEN}?t=${TOKEN}` });
    response.end(TOKEN);
  },
  'echo-quota': (request, response) =>
    send(response, 429, {
      error: {
        code: 429,
        message: echo(request),
        details: [{ violations: [{ quotaMetric: `metric ${TOKEN}`, description: echo(request) }] }],
      },
    }),
  'echo-redirect': (_request, response) => {
    response.writeHead(302, { location: `https://${TOKEN}.example/?token=${TOKEN}` });
    response.end();
  },
  'echo-request': (request, response) =>
    send(response, 400, { error: { code: 400, message: `Bad: ${echo(request)}`, status: 'INVALID_ARGUMENT' } }),
  'echo-success': (request, response) => send(response, 200, { error: { code: 503, message: echo(request) } }),
  unreadable: (request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(`{"choices":[{"message":{"content":"${ANSWER} ${echo(request)}`);
  },
  reset: (request) => request.socket.destroy(),
  'prose-answer': (_request, response) => sendAnswer(response, `I would say ${ANSWER} because of ${RECORD}`),
  'wrong-answer': (_request, response) => sendAnswer(response, JSON.stringify({ name: 5, total: `${ANSWER}` })),
};

function echo(request: IncomingMessage): string {
  const { authorization = '' } = request.headers;
  return `authorization: ${authorization} (${authorization.replace('Bearer ', '')})`;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function sendAnswer(response: ServerResponse, content: string): void {
  send(response, 200, {
    choices: [{ finish_reason: 'stop', index: 0, message: { content, role: 'assistant' } }],
    model: 'google/gemini-3.5-flash-lite',
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  });
}

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => answer(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Every byte below a directory, and every byte printed, searched for what must not be there. */
function expectNoLeak(directory: string, printed: readonly CommandResult[]): void {
  const leaks: string[] = [];
  let bytes = 0;
  const search = (name: string, content: Buffer, canaries: readonly string[]): void => {
    bytes += content.length;
    for (const canary of canaries) if (content.includes(canary)) leaks.push(`${canary} in ${name}`);
  };
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const path = join(directory, name);
    if (!statSync(path).isFile()) continue;
    const canaries = contentFiles.test(name) ? [TOKEN, ENVIRONMENT] : [TOKEN, ENVIRONMENT, RECORD, ANSWER];
    search(name, readFileSync(path), canaries);
  }
  for (const [index, { stdout, stderr }] of printed.entries()) {
    search(`stderr of command ${index + 1}`, Buffer.from(stderr), [TOKEN, ENVIRONMENT, RECORD, ANSWER]);
    search(`stdout of command ${index + 1}`, Buffer.from(stdout), [TOKEN, ENVIRONMENT]);
  }
  expect(leaks).toEqual([]);
  expect(bytes).toBeGreaterThan(5000);
}

const input = [
  ...Object.keys(troubles).map((name) => JSON.stringify({ id: name, text: `<${name}> ${RECORD} in the text` })),
  ...Array.from({ length: 5 }, (_, index) => JSON.stringify({ id: `good-${index}`, text: `<good> ${RECORD}` })),
  `{"id":"broken","text":"${RECORD}`,
  JSON.stringify({ id: 'good-0', text: `twice ${RECORD}` }),
  JSON.stringify({ id: 'no-text', other: RECORD }),
].join('\n');

test.each([
  { name: 'without flags', flags: [] },
  { name: '--json-logs', flags: ['--json-logs'] },
  { name: '--debug', flags: ['--debug'] },
  {
    name: '--json-logs --debug with a cache and a budget',
    flags: ['--json-logs', '--debug', '--cache', 'answers.db', '--max-cost', '5'],
  },
])('a service that echoes the token into every kind of error: no byte written has it ($name)', async ({ flags }) => {
  const directory = temporaryDirectory();
  writeFile(directory, 'note.ts', noteDefinition);
  writeFile(directory, 'notes.jsonl', input);
  const calls = new Map<string, number>();
  const tokens = new Set<string | undefined>();
  const baseUrl = await serve((request, response, body) => {
    tokens.add(request.headers.authorization);
    const name = /<([a-z-]+)>/.exec(body)?.[1] ?? '';
    const call = (calls.get(name) ?? 0) + 1;
    calls.set(name, call);
    const isLasting = /^echo-(?:json|request|redirect)$|-answer$/.test(name);
    const trouble = call === 1 || isLasting ? troubles[name] : undefined;
    if (trouble === undefined) sendAnswer(response, JSON.stringify({ name: ANSWER, total: 1 }));
    else trouble(request, response, body);
  });
  const env = { SERVICE_TOKEN: TOKEN, ANOTHER_TOKEN: ENVIRONMENT, OTHER_SECRET: ENVIRONMENT };
  const options = { cwd: directory, env };
  const service = [
    '--base-url',
    baseUrl,
    '--auth',
    'env:SERVICE_TOKEN',
    '--retry-delay-ms',
    '1',
    '--max-attempts',
    '3',
  ];
  const printed: CommandResult[] = [];
  const run = await gleaner(['run', 'note.ts', 'notes.jsonl', '--out', 'run', ...service, ...flags], options);
  printed.push(run);
  expect(run.code).toBe(1);
  expect([...tokens]).toEqual([`Bearer ${TOKEN}`]);
  const { results, rejects } = readRun(join(directory, 'run'));
  expect(results.length).toBeGreaterThan(8);
  // The canaries are there to be found.
  expect(JSON.stringify(results)).toContain(ANSWER);
  expect(JSON.stringify(rejects)).toContain(RECORD);
  expect(rejects.map(({ id }) => id)).toEqual(expect.arrayContaining(['echo-json', 'echo-request', 'prose-answer']));
  const others = flags.filter((flag) => flag === '--debug' || flag === '--json-logs');
  printed.push(await gleaner(['retry', 'run', ...service, ...others], options));
  const debug = flags.includes('--debug') ? ['--debug'] : [];
  printed.push(await gleaner(['report', 'run', ...debug], options));
  printed.push(await gleaner(['export', 'run', '--output', 'export.csv', ...debug], options));
  printed.push(
    await gleaner(['export', 'run', '--rejects', '--format', 'jsonl', '--output', 'export.jsonl', ...debug], options),
  );
  expectNoLeak(directory, printed);
});

test.each([401, 403, 404])('a service that refuses all calls with %i and quotes the token', async (status) => {
  const directory = temporaryDirectory();
  writeFile(directory, 'note.ts', noteDefinition);
  writeFile(directory, 'notes.jsonl', input);
  const baseUrl = await serve((request, response) =>
    send(response, status, [{ error: { code: status, message: `No entry for ${echo(request)}`, status: 'DENIED' } }]),
  );
  const args = ['run', 'note.ts', 'notes.jsonl', '--out', 'run', '--base-url', baseUrl, '--auth', 'env:SERVICE_TOKEN'];
  const env = { SERVICE_TOKEN: TOKEN, OTHER_SECRET: ENVIRONMENT };
  const printed = [
    await gleaner([...args, '--debug'], { cwd: directory, env }),
    await gleaner([...args, '--json-logs'], { cwd: directory, env }),
  ];
  expect(printed.map(({ code }) => code)).toEqual([2, 2]);
  expect(printed[0]?.stderr).toContain(`HTTP ${status}`);
  expectNoLeak(directory, printed);
});

test('gleaner call shows the answer, and the token nowhere', async () => {
  const directory = temporaryDirectory();
  const request = writeFile(
    directory,
    'request.json',
    JSON.stringify({ model: 'google/gemini-3.5-flash', messages: [{ role: 'user', content: 'x' }] }),
  );
  const printed: CommandResult[] = [];
  for (const name of [
    'echo-json',
    'echo-array',
    'echo-html',
    'echo-headers',
    'echo-redirect',
    'echo-request',
    'unreadable',
  ]) {
    const baseUrl = await serve((incoming, response, body) => troubles[name]?.(incoming, response, body));
    for (const stream of [[], ['--stream']]) {
      const args = [
        'call',
        '--request',
        request,
        '--base-url',
        baseUrl,
        '--auth',
        'env:SERVICE_TOKEN',
        '--debug',
        ...stream,
      ];
      printed.push(await gleaner(args, { cwd: directory, env: { SERVICE_TOKEN: TOKEN, OTHER_SECRET: ENVIRONMENT } }));
    }
  }
  expect(printed.map(({ code }) => code)).not.toContain(0);
  const all = printed.map(({ stdout, stderr }) => stdout + stderr).join('\n');
  expect(all).toContain('HTTP 503');
  for (const secret of [TOKEN, ENVIRONMENT]) expect(all).not.toContain(secret);
});

test('a token in the place of another value is not repeated', async () => {
  const directory = temporaryDirectory();
  writeFile(directory, 'note.ts', noteDefinition);
  writeFile(directory, 'notes.jsonl', input);
  const run = ['run', 'note.ts', 'notes.jsonl', '--out', 'run'];
  const printed = [
    await gleaner([...run, '--base-url', 'https://example.com', '--auth', TOKEN], { cwd: directory }),
    await gleaner([...run, '--base-url', 'https://example.com', '--auth', `env:${TOKEN}`], { cwd: directory }),
    await gleaner([...run, '--base-url', `https://user:${TOKEN}@example.com`], { cwd: directory }),
    await gleaner([...run, '--base-url', `https://example.com/?key=${TOKEN}`], { cwd: directory }),
    await gleaner([...run, '--base-url', 'https://example.com', '--auth', 'env:BAD'], {
      cwd: directory,
      env: { BAD: `two ${TOKEN}` },
    }),
  ];
  expect(printed.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2]);
  for (const { stdout, stderr } of printed) expect(stdout + stderr).not.toContain(TOKEN);
});

test('a service that repeats the record in its refusals puts it into the rejects only', async () => {
  const directory = temporaryDirectory();
  writeFile(directory, 'note.ts', noteDefinition);
  const canary = 'Canary Islands Trading 4711';
  const lines = Array.from({ length: 40 }, (_, index) =>
    JSON.stringify({ id: `n${index}`, text: `Name: ${canary} "${index}"` }),
  );
  writeFile(directory, 'notes.jsonl', lines.join('\n'));
  const baseUrl = await serve((_incoming, response, body) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify([{ error: { code: 400, status: 'INVALID_ARGUMENT', message: `Invalid value: ${body}` } }]),
    );
  });
  const args = ['run', 'note.ts', 'notes.jsonl', '--out', 'run', '--base-url', baseUrl, '--json-logs', '--debug'];
  const { code, stdout, stderr } = await gleaner(args, { cwd: directory });
  expect(code).toBe(2);
  expect(stderr).toContain('Invalid value');
  const files = ['run.json', 'usage.json', 'attempts.jsonl', 'report.html'].map((name) =>
    readFileSync(join(directory, 'run', name), 'utf8'),
  );
  for (const text of [stdout, stderr, ...files]) expect(text).not.toContain('Islands Trading');
});
