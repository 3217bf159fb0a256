import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  accountFor,
  emulatorFor,
  gleaner,
  noteDefinition,
  readRun,
  startGleaner,
  temporaryDirectory,
  writeFile,
} from './harness.ts';

const FOREVER = Number.POSITIVE_INFINITY;

function record(id: unknown, text: unknown): string {
  return `${JSON.stringify({ id, text })}\n`;
}

async function runOver(
  name: string,
  content: string | Buffer,
  options: Parameters<typeof emulatorFor>[0] = {},
  definition = noteDefinition,
) {
  const directory = temporaryDirectory();
  writeFile(directory, 'note.ts', definition);
  const input = writeFile(directory, name, content);
  const out = join(directory, 'run');
  const { emulator, flags, env } = await emulatorFor(options);
  const result = await gleaner(['run', 'note.ts', input, '--out', out, ...flags], { env, cwd: directory });
  return { directory, out, emulator, result };
}

/** A service of the test's own. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function completion(content: string): string {
  return JSON.stringify({
    choices: [{ finish_reason: 'stop', index: 0, message: { content, role: 'assistant' } }],
    model: 'google/gemini-3.5-flash-lite',
    object: 'chat.completion',
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  });
}

function sendCompletion(response: ServerResponse, content: string): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(completion(content));
}

/** One record sent to a service. */
async function runAgainst(baseUrl: string, flags: readonly string[] = []) {
  const { directory, args } = oneRecord(baseUrl, flags);
  return { result: await gleaner(args, { cwd: directory }), out: join(directory, 'run') };
}

/** The same in a process of its own, with the most memory that it had, in MiB. */
function watchAgainst(baseUrl: string, flags: readonly string[] = []) {
  const { directory, args } = oneRecord(baseUrl, flags);
  return watched(args, directory);
}

function oneRecord(baseUrl: string, flags: readonly string[]): { directory: string; args: string[] } {
  const directory = temporaryDirectory();
  writeFile(directory, 'note.ts', noteDefinition);
  const input = writeFile(directory, 'notes.jsonl', record('a', 'Name: Ann'));
  return { directory, args: ['run', 'note.ts', input, '--out', 'run', '--base-url', baseUrl, ...flags] };
}

async function watched(args: readonly string[], directory: string, env: Record<string, string> = {}) {
  const running = startGleaner(args, { cwd: directory, env });
  let peakMiB = 0;
  const timer = setInterval(() => {
    const path = `/proc/${running.process.pid}/status`;
    const kibibytes = existsSync(path) ? /VmHWM:\s+(\d+)/.exec(readFileSync(path, 'utf8'))?.[1] : undefined;
    peakMiB = Math.max(peakMiB, Number(kibibytes ?? 0) / 1024);
  }, 20);
  const result = await running.done;
  clearInterval(timer);
  return { result, out: join(directory, 'run'), peakMiB };
}

describe('hostile records', () => {
  const ids = ['../../escaped', '/etc/passwd', '..', 'a/b', 'C:\\Windows\\x', 'nul\u0000byte', '%2e%2e%2f', '-rf', '~'];

  test('ids that are paths name no file: they are data', async () => {
    const { directory, out, result } = await runOver(
      'notes.jsonl',
      ids.map((id, index) => record(id, `Name: Person ${index}\nTotal: 1.50`)).join(''),
    );
    expect(result.code).toBe(0);
    expect(
      readRun(out)
        .results.map(({ id }) => id)
        .sort(),
    ).toEqual([...ids].sort());
    expect(readdirSync(directory).sort()).toEqual(['note.ts', 'notes.jsonl', 'run']);
    const known = /^(results|rejects|attempts)\.jsonl$|^(profile|usage|run)\.json$|^report\.html$/;
    expect(readdirSync(out).filter((name) => !known.test(name))).toEqual([]);
  });

  test('prototype names are columns and ids like any other', async () => {
    const csv = 'id,__proto__,constructor,text\n__proto__,polluted,x,Name: Ann\nconstructor,y,z,Name: Ben\n';
    const columns = await runOver(
      'notes.csv',
      csv,
      { script: [{ fault: 'content-filter', times: FOREVER }] },
      noteDefinition.replace('{{text}}', '{{text}} {{__proto__}} {{constructor}}'),
    );
    expect(columns.result.code).toBe(1);
    const rejects = readRun(columns.out).rejects;
    expect(rejects.map(({ id }) => id).sort()).toEqual(['__proto__', 'constructor']);
    const [first] = rejects.filter(({ id }) => id === '__proto__').map(({ record }) => JSON.stringify(record));
    expect(first).toContain('"__proto__":"polluted"');
    // Which of the calls came first does not matter.
    expect(columns.emulator.requests().map(({ body }) => JSON.stringify(body))).toContainEqual(
      expect.stringContaining('polluted'),
    );

    const lines =
      '{"id":"a","text":"Name: Ann","__proto__":{"isAdmin":true}}\n{"id":"b","text":"Name: Ben","constructor":{"prototype":{"isAdmin":true}}}\n';
    const objects = await runOver('notes.jsonl', lines);
    expect(objects.result.code).toBe(0);
    expect(readRun(objects.out).results).toHaveLength(2);
  });

  test('a column that only Object.prototype has is missing, not found there', async () => {
    const { result } = await runOver(
      'notes.csv',
      'id,text\n1,x\n',
      {},
      noteDefinition.replace('{{text}}', '{{toString}}'),
    );
    expect(result.stderr).toContain('toString');
    expect(result.code).toBe(2);
  });

  test('HTML and script stay data in results and rejects, and are escaped on the page', async () => {
    const script = '<script>alert("pwned")</script><img src=x onerror=alert(1)>';
    const { out, result } = await runOver(
      'notes.jsonl',
      record('<b>bold</b>', `Name: Ann\n${script}`) + record('"><script>steal()</script>', `refuse me ${script}`),
      {
        script: [
          { content: JSON.stringify({ name: script, total: null }), contains: 'Ann', times: FOREVER },
          { content: `no JSON, but ${script}`, contains: 'refuse me', times: FOREVER },
        ],
      },
    );
    expect(result.code).toBe(1);
    expect(result.stderr).not.toContain('<script>');
    const { results, rejects } = readRun(out);
    expect(results[0]).toMatchObject({ id: '<b>bold</b>', data: { name: script } });
    expect(rejects[0]).toMatchObject({ id: '"><script>steal()</script>', error: { code: 'invalid_json' } });
    const page = join(out, 'report.html');
    const html = existsSync(page) ? readFileSync(page, 'utf8') : '';
    expect(html).not.toMatch(/<script>(?:alert|steal)/);
    expect(html).not.toContain('<img src=x');
    expect(html).not.toContain('<b>bold');
  });

  test('spreadsheet formulas in ids and answers are disarmed in the exported CSV', async () => {
    const formulas = [
      '=HYPERLINK("http://evil.example","x")',
      "=cmd|' /C calc'!A0",
      '@SUM(1+1)',
      '+1+1',
      '-2+3',
      '\t=1',
    ];
    const { directory, out, result } = await runOver(
      'notes.jsonl',
      formulas.map((formula, index) => record(formula, `Row <${index}>`)).join(''),
      {
        script: formulas.map((formula, index) => ({
          content: JSON.stringify({ name: formula, total: -5 }),
          contains: `Row <${index}>`,
        })),
      },
    );
    expect(result.code).toBe(0);
    const { stdout, code } = await gleaner(['export', out], { cwd: directory });
    expect(code).toBe(0);
    const cells = stdout
      .split('\r\n')
      .slice(1, -1)
      .flatMap((line) => line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/));
    expect(cells.length).toBeGreaterThan(formulas.length);
    for (const cell of cells) if (cell !== '-5') expect(cell).not.toMatch(/^"?[\t\r\n]?\s*[=+\-@]/);
    // A negative number is no formula.
    expect(cells.filter((cell) => cell === '-5')).toHaveLength(formulas.length);
    const json = await gleaner(['export', out, '--format', 'jsonl'], { cwd: directory });
    expect(json.stdout).toContain(JSON.stringify(formulas[0]).slice(1, -1));
  });

  test('JSON nested 100,000 deep is a bad record; its neighbours are answered', async () => {
    const deep = `{"id":"deep","text":${'['.repeat(100_000)}${']'.repeat(100_000)}}\n`;
    const objects = `{"id":"objects","text":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}\n`;
    const { out, result } = await runOver(
      'notes.jsonl',
      record('a', 'Name: A') + deep + objects + record('b', 'Name: B'),
    );
    expect(result.code).toBe(1);
    const run = readRun(out);
    expect(accountFor(run).ids).toHaveLength(4);
    expect(run.rejects.map(({ index, error }) => [index, error.code])).toEqual([
      [1, 'bad_record'],
      [2, 'bad_record'],
    ]);
    expect(run.rejects[0]?.error.message).toContain('nesting');
  });

  test('a line of 40 MiB is a bad record; its neighbours are answered', async () => {
    const long = `{"id":"long","text":"${'x'.repeat(40 * 1024 * 1024)}"}\n`;
    const { out, result } = await runOver('notes.jsonl', record('a', 'Name: A') + long + record('b', 'Name: B'));
    expect(result.code).toBe(1);
    const { results, rejects } = readRun(out);
    expect(results.map(({ id }) => id).sort()).toEqual(['a', 'b']);
    expect(rejects).toHaveLength(1);
    expect(rejects[0]?.error.message).toContain('longer than 33554432 bytes');
    expect(JSON.stringify(rejects[0]).length).toBeLessThan(100_000);
  });

  test('a gzip bomb, of one line of 2 GB, is passed over in bounded memory', async () => {
    const directory = temporaryDirectory();
    writeFile(directory, 'note.ts', noteDefinition);
    // Gzip files may be put together; so 2 MB on the disk become a line of 2 GB.
    const zeros = gzipSync(Buffer.alloc(64 * 1024 * 1024), { level: 1 });
    const text = record('a', `Name: A ${'x'.repeat(1000)}`);
    const parts = [gzipSync(text), ...Array.from({ length: 32 }, () => zeros), gzipSync(`\n${record('b', 'Name: B')}`)];
    const input = writeFile(directory, 'bomb.jsonl.gz', Buffer.concat(parts));
    const { flags, env } = await emulatorFor();
    const { result, out, peakMiB } = await watched(['run', 'note.ts', input, '--out', 'run', ...flags], directory, env);
    expect(result.code).toBe(1);
    const { results, rejects } = readRun(out);
    expect(results.map(({ id }) => id).sort()).toEqual(['a', 'b']);
    expect(rejects.map(({ index, error }) => [index, error.code])).toEqual([[1, 'bad_record']]);
    expect(rejects[0]?.error.message).toContain('longer than 33554432 bytes');
    expect(peakMiB).toBeLessThan(500);
  });

  test('what is no text is refused before anything is sent', async () => {
    for (const name of ['zeros.jsonl', 'zeros.csv']) {
      const { result, emulator } = await runOver(name, Buffer.alloc(10_000));
      expect([result.code, emulator.stats().requests]).toEqual([2, 0]);
    }
  });
});

describe('hostile answers', () => {
  const bounded = ['--max-attempts', '2', '--retry-delay-ms', '1'];

  test('an answer nested 100,000 deep is rejected', async () => {
    for (const [nested, code] of [
      ['['.repeat(100_000) + ']'.repeat(100_000), 'invalid_json'],
      [`${'{"name":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 'invalid_json'],
    ]) {
      const baseUrl = await serve((request, response) => {
        request.resume();
        sendCompletion(response, `{"name":${nested},"total":1}`);
      });
      const { result, out } = await runAgainst(baseUrl);
      expect(result.stderr).not.toContain('unforeseen');
      expect(result.code).toBe(1);
      expect(readRun(out).rejects.map(({ error }) => error.code)).toEqual([code]);
    }
  });

  test('a response nested 100,000 deep is no completion, and rejected', async () => {
    const baseUrl = await serve((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`{"choices":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
    });
    const { result, out } = await runAgainst(baseUrl, bounded);
    expect(result.stderr).not.toContain('unforeseen');
    expect(result.code).toBe(1);
    expect(readRun(out).rejects).toHaveLength(1);
  });

  test('an answer that names a prototype pollutes nothing', async () => {
    const baseUrl = await serve((request, response) => {
      request.resume();
      sendCompletion(response, '{"name":"Ann","total":1,"__proto__":{"isAdmin":true}}');
    });
    const { result, out } = await runAgainst(baseUrl);
    expect(result.code).toBe(0);
    expect(readRun(out).results[0]?.data).toEqual({ name: 'Ann', total: 1 });
  });

  test('a body without end is cut off, in bounded memory', { timeout: 60_000 }, async () => {
    const block = Buffer.alloc(1024 * 1024, ' ');
    const baseUrl = await serve((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' });
      const send = (): void => {
        while (!response.destroyed && response.write(block));
      };
      response.on('drain', send);
      send();
    });
    const { result, out, peakMiB } = await watchAgainst(baseUrl, bounded);
    expect(result.code).toBe(1);
    expect(readRun(out).rejects.map(({ error }) => error.code)).toEqual(['unreadable_response']);
    expect(peakMiB).toBeLessThan(500);
  });

  test('a compressed body, which was not asked for, is never unpacked', async () => {
    const body = gzipSync(Buffer.alloc(100 * 1024 * 1024));
    const baseUrl = await serve((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(body);
    });
    const { result, out, peakMiB } = await watchAgainst(baseUrl, bounded);
    expect(result.code).toBe(1);
    expect(readRun(out).rejects[0]?.error).toMatchObject({ code: 'unreadable_response' });
    expect(readRun(out).rejects[0]?.error.message).toContain('gzip-encoded body that was not asked for');
    expect(peakMiB).toBeLessThan(250);
  });

  test('control sequences in an error body do not reach the terminal', async () => {
    const baseUrl = await serve((request, response) => {
      request.resume();
      response.writeHead(403, { 'content-type': 'application/json' });
      const message = '\u001b]0;title\u0007\u001b[2J\r\nerror: all is well\nBearer abcdefgh12345678';
      response.end(JSON.stringify({ error: { code: 403, message, status: 'PERMISSION_DENIED' } }));
    });
    const { result } = await runAgainst(baseUrl);
    expect(result.code).toBe(2);
    // eslint-disable-next-line no-control-regex
    expect(result.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
    expect(result.stderr).not.toContain('abcdefgh12345678');
  });
});

describe('credentials go where they were meant to go', () => {
  test.each([301, 302, 303, 307, 308])('a redirect (%i) is not followed', async (status) => {
    const seen: IncomingMessage[] = [];
    const elsewhere = await serve((request, response) => {
      seen.push(request);
      request.resume();
      sendCompletion(response, '{"name":"x","total":1}');
    });
    const baseUrl = await serve((request, response) => {
      request.resume();
      response.writeHead(status, { location: `${elsewhere}/chat/completions` });
      response.end();
    });
    const directory = temporaryDirectory();
    writeFile(directory, 'note.ts', noteDefinition);
    writeFile(directory, 'notes.jsonl', record('a', 'Name: Ann'));
    const args = ['run', 'note.ts', 'notes.jsonl', '--out', 'run', '--base-url', baseUrl, '--auth', 'env:SECRET'];
    const { code, stderr } = await gleaner(args, { cwd: directory, env: { SECRET: 'token-for-one-host' } });
    expect(seen).toEqual([]);
    expect(code).not.toBe(0);
    expect(stderr + readFileSync(join(directory, 'run/rejects.jsonl'), 'utf8')).toContain('not followed');
  });

  test.each([
    'http://example.com/v1',
    'http://10.0.0.1/v1',
    'http://127.0.0.1.example.com',
    'http://169.254.169.254/',
    'http://[::2]/',
  ])('plain http: to %s is refused before anything is sent', async (baseUrl) => {
    const { result } = await runAgainst(baseUrl);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('http: is for this machine only');
  });

  test.each(['https://googleapis.com.example.com/v1', 'https://example.com/googleapis.com', 'http://127.0.0.1:9/v1'])(
    "Google's credentials are refused for %s",
    async (baseUrl) => {
      const { result } = await runAgainst(baseUrl, ['--auth', 'adc']);
      expect(result.code).toBe(2);
      expect(result.stderr).toContain("Google's hosts only");
    },
  );

  test('the emulator listens on this machine only', async () => {
    const directory = temporaryDirectory();
    const { process: child, done } = startGleaner(['emulate', '--port', '0'], { cwd: directory });
    const origin = await new Promise<string>((resolve) => {
      child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().split('\n')[0] ?? ''));
    });
    expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    child.kill('SIGTERM');
    await done;
  });
});
