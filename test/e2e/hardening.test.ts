import { execFileSync, spawn } from 'node:child_process';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createWriteStream, existsSync, readdirSync, readFileSync, readlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  gleaner,
  gleanerProcess,
  noteDefinition,
  noteRecords,
  readRun,
  root,
  startGleaner,
  temporaryDirectory,
  writeFile,
  type CommandResult,
} from './harness.ts';

const bin = join(root, 'bin/gleaner.js');
const isPosix = process.platform !== 'win32';
const hasFullDevice = existsSync('/dev/full');

/** A service of the test's own, which gives every call the same good answer. */
async function serve(
  listener: RequestListener = (request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        choices: [{ finish_reason: 'stop', index: 0, message: { content: '{"name":"Ann","total":1}' } }],
        model: 'google/gemini-3.5-flash-lite',
        usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
      }),
    );
  },
): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function workplace(definition = noteDefinition): string {
  const directory = temporaryDirectory();
  writeFile(directory, 'note.ts', definition);
  return directory;
}

function makeFifo(directory: string, name: string): string {
  const path = join(directory, name);
  execFileSync('sh', ['-c', 'mkfifo "$0"', path]);
  return path;
}

/** A line of shell, in which `gleaner` is the built command. */
async function shell(line: string, directory: string): Promise<CommandResult> {
  const child = spawn('bash', ['-c', `gleaner() { "${process.execPath}" "${bin}" "$@"; }; ${line}`], {
    cwd: directory,
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (text: Buffer) => (output.stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output.stderr += text.toString()));
  child.stdin.end();
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, ...output })));
}

/** Waits until the command says something. */
async function said(running: ReturnType<typeof startGleaner>, text: string | RegExp): Promise<void> {
  let stderr = '';
  await new Promise<void>((resolve) => {
    running.process.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      if (typeof text === 'string' ? stderr.includes(text) : text.test(stderr)) resolve();
    });
    void running.done.then(() => resolve());
  });
}

describe.runIf(isPosix)('input that can be read only once', () => {
  test('process substitution is read in full', async () => {
    const directory = workplace();
    writeFile(directory, 'notes.jsonl', noteRecords(30));
    const command = `gleaner run note.ts <(cat notes.jsonl) --format jsonl --out run --base-url ${await serve()}`;
    const { code, stderr } = await shell(command, directory);
    expect([code, stderr]).toEqual([0, expect.stringContaining('30')]);
    expect(readRun(join(directory, 'run')).results).toHaveLength(30);
  });

  test('a named pipe is read in full, gzip by its contents, and nothing else reads from it', async () => {
    const directory = workplace();
    const pipe = makeFifo(directory, 'notes.jsonl');
    const running = startGleaner(['run', 'note.ts', pipe, '--out', 'run', '--base-url', await serve()], {
      cwd: directory,
    });
    createWriteStream(pipe).end(gzipSync(noteRecords(5000)));
    const { code, stderr } = await running.done;
    expect([code, stderr]).toEqual([0, expect.stringContaining('5,000')]);
    expect(readRun(join(directory, 'run')).results).toHaveLength(5000);
  });

  test('a pipe whose name tells no format needs --format', async () => {
    const { code, stderr } = await shell('gleaner run note.ts <(true) --out run --emulator', workplace());
    expect([code, stderr]).toEqual([2, expect.stringContaining('give --format')]);
  });

  test('a character device is no text, or empty', async () => {
    const directory = workplace();
    const zeros = await gleaner(['run', 'note.ts', '/dev/zero', '--format', 'jsonl', '--out', 'run', '--emulator'], {
      cwd: directory,
    });
    expect([zeros.code, zeros.stderr]).toEqual([2, expect.stringContaining('not text')]);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends the wait for the writer of a pipe', async (signal) => {
    const directory = workplace();
    const pipe = makeFifo(directory, 'notes.jsonl');
    const running = startGleaner(['run', 'note.ts', pipe, '--out', 'run', '--emulator'], { cwd: directory });
    // It says nothing before.
    await untilIdle(running.process.pid ?? 0);
    running.process.kill(signal);
    const { code, stderr } = await running.done;
    expect([code, stderr]).toEqual([
      signal === 'SIGINT' ? 130 : 143,
      expect.stringContaining(`${signal}: the run was interrupted before it began`),
    ]);
    expect(stderr).not.toContain('unforeseen');
    expect(existsSync(join(directory, 'run'))).toBe(false);
  });

  test(
    'SIGTERM ends a run whose pipe has fallen silent, and what came before is whole',
    { timeout: 20_000 },
    async () => {
      const directory = workplace();
      const pipe = makeFifo(directory, 'notes.jsonl');
      const running = startGleaner(['run', 'note.ts', pipe, '--out', 'run', '--base-url', await serve()], {
        cwd: directory,
      });
      const writer = createWriteStream(pipe);
      writer.write(noteRecords(30));
      await said(running, 'Extracting');
      await delay(500);
      running.process.kill('SIGTERM');
      const { code } = await running.done;
      writer.destroy();
      expect(code).toBe(143);
      const { results, usage } = readRun(join(directory, 'run'));
      expect([results.length, usage.status]).toEqual([30, 'interrupted']);
    },
  );

  test('SIGTERM while the digest of a large input is taken', { timeout: 20_000 }, async () => {
    const directory = workplace();
    // Zeros on no disk: a sparse file.
    truncateSync(writeFile(directory, 'notes.jsonl', ''), 200 * 2 ** 30);
    const running = startGleaner(['run', 'note.ts', 'notes.jsonl', '--out', 'run', '--emulator'], { cwd: directory });
    await untilOpen(running.process.pid ?? 0, 'notes.jsonl');
    running.process.kill('SIGTERM');
    const { code, stderr } = await running.done;
    expect([code, stderr]).toEqual([143, expect.stringContaining('interrupted before it began')]);
    expect(stderr).not.toContain('unforeseen');
  });

  test('standard input that is a directory is refused', async () => {
    const { code, stderr } = await shell('gleaner run note.ts - --format jsonl --out run --emulator < .', workplace());
    expect([code, stderr]).toEqual([2, expect.stringContaining('standard input is a directory')]);
  });
});

describe('flags out of range', () => {
  test.each([
    ['--concurrency', '65536'],
    ['--timeout-ms', '99999999999'],
    ['--retry-delay-ms', '99999999999'],
  ])('%s %s is refused by name, and the emulator leaves no process behind', async (flag, value) => {
    const directory = workplace();
    writeFile(directory, 'notes.jsonl', noteRecords(1));
    const { code, stderr } = await gleanerProcess(
      ['run', 'note.ts', 'notes.jsonl', '--out', 'run', '--emulator', flag, value],
      { cwd: directory },
    );
    expect([code, stderr]).toEqual([2, expect.stringContaining(flag)]);
  });

  test('an empty --out names no directory', async () => {
    const { code, stderr } = await gleaner(['run', 'note.ts', 'notes.jsonl', '--out', ''], { cwd: workplace() });
    expect([code, stderr]).toEqual([2, expect.stringContaining('no run directory is given')]);
  });
});

describe('definitions that end the process', () => {
  async function runWith(
    definition: string,
    flags: readonly string[] = [],
    command = gleanerProcess,
  ): Promise<CommandResult & { out: string }> {
    const directory = workplace(definition);
    writeFile(directory, 'notes.jsonl', noteRecords(3));
    const args = ['run', 'note.ts', 'notes.jsonl', '--out', 'run', '--base-url', await serve(), ...flags];
    return { ...(await command(args, { cwd: directory })), out: join(directory, 'run') };
  }
  const errorLine = (text: string) => expect.stringMatching(new RegExp(`^(?:.*\n)*error: .*${text}.*\n$`));

  test('a promise that never settles while it is loaded', async () => {
    const { code, stderr } = await runWith(`await new Promise(() => {});\n${noteDefinition}`);
    expect([code, stderr]).toEqual([2, errorLine('a promise in the definition never settles')]);
  });

  test('a refinement that never settles', async () => {
    const definition = noteDefinition.replace('z.string()', 'z.string().refine(() => new Promise(() => {}))');
    const { code, stderr, out } = await runWith(definition);
    expect([code, stderr]).toEqual([
      3,
      errorLine('a promise in the definition never settles.*the same command continues'),
    ]);
    expect(['results.jsonl', 'rejects.jsonl'].map((name) => readFileSync(join(out, name), 'utf8'))).toEqual(['', '']);
  });

  test('an interval that is left behind holds up nothing', async () => {
    const { code, out } = await runWith(`setInterval(() => {}, 60_000);\n${noteDefinition}`);
    expect(code).toBe(0);
    expect(readRun(out).results).toHaveLength(3);
  });

  test.runIf(isPosix)('the third signal ends what hangs for good', async () => {
    const hanging = noteDefinition.replace('z.string()', 'z.string().refine(() => new Promise(() => {}))');
    const directory = workplace(`setInterval(() => {}, 60_000);\n${hanging}`);
    writeFile(directory, 'notes.jsonl', noteRecords(3));
    const args = ['run', 'note.ts', 'notes.jsonl', '--out', 'run', '--base-url', await serve()];
    const running = startGleaner(args, { cwd: directory });
    await said(running, 'Extracting');
    for (let count = 0; count < 3; count += 1) {
      await delay(500);
      running.process.kill('SIGTERM');
    }
    const { code, stderr } = await running.done;
    expect([code, stderr]).toEqual([143, expect.stringContaining('the process ends at once')]);
    // Whoever continues finds the calls that were open.
    expect(readFileSync(join(directory, 'run/inflight.jsonl'), 'utf8')).not.toBe('');
  });

  test('process.exit(0) at the top level, in prompt and in a refinement', async () => {
    const top = await runWith(`${noteDefinition}\nprocess.exit(0);`);
    expect([top.code, top.stderr]).toEqual([2, errorLine('process.exit was called')]);
    const inPrompt = await runWith(noteDefinition.replace("'{{text}}'", '() => process.exit(0)'));
    expect([inPrompt.code, inPrompt.stderr]).toEqual([3, errorLine('process.exit was called')]);
    const inSchema = await runWith(noteDefinition.replace('z.string()', 'z.string().refine(() => process.exit(0))'));
    expect([inSchema.code, inSchema.stderr]).toEqual([3, errorLine('process.exit was called')]);
  });

  test('a rejection that nobody handles, and an error in a timer', async () => {
    const rejection = noteDefinition.replace(
      "'{{text}}'",
      `() => { void Promise.reject(new Error('lost')); return 'x'; }`,
    );
    const late = await runWith(rejection);
    expect([late.code, late.stderr]).toEqual([3, errorLine('nothing catches it.*: Error at .*note\\.ts:\\d+:\\d+')]);
    expect(late.stderr).not.toContain('    at ');
    // What is thrown while records are at work may quote one, with --debug as well.
    expect(late.stderr).not.toContain('lost');
    const shown = await runWith(rejection, ['--debug']);
    expect([shown.code, shown.stderr]).toEqual([3, expect.stringContaining('    at ')]);
    expect(shown.stderr).not.toContain('lost');
    const early = await runWith(
      `void Promise.reject({});\nawait new Promise((done) => setTimeout(done, 50));\n${noteDefinition}`,
    );
    expect([early.code, early.stderr]).toEqual([2, errorLine('nothing catches it')]);
    const timer = `setTimeout(() => { throw new Error('tick'); });\nawait new Promise((done) => setTimeout(done, 50));\n`;
    const debugged = await runWith(`${timer}${noteDefinition}`, ['--debug']);
    expect([debugged.code, debugged.stderr]).toEqual([2, expect.stringContaining('nothing catches it')]);
    expect(debugged.stderr).toContain('    at ');
  });

  test('a promise returned by prompt or id that fails ends the run by its name', async () => {
    const failing = `async () => { throw new Error('lost'); }`;
    const prompt = await runWith(noteDefinition.replace("'{{text}}'", failing), [], gleaner);
    expect(prompt.stderr).toContain('got a promise');
    const id = await runWith(noteDefinition.replace("id: 'id'", `id: ${failing}`), [], gleaner);
    expect(id.stderr).toContain('"id" function returned a promise');
    expect([prompt.code, id.code]).toEqual([2, 2]);
    expect([...readRun(prompt.out).rejects, ...readRun(id.out).rejects]).toEqual([]);
  });

  test.each([
    ['an object without a prototype', '() => { throw Object.create(null); }'],
    [
      'an error whose message throws',
      "() => { const e = new Error(); Object.defineProperty(e, 'message', { get() { throw 1; } }); throw e; }",
    ],
    [
      'parts that contain themselves',
      "() => { const part = { type: 'text', text: 'x' }; part.self = part; return [part]; }",
    ],
    ['a bigint', "() => [{ type: 'text', text: 'x', count: 1n }]"],
    ['a proxy that throws', "() => new Proxy([], { get() { throw new Error('no'); } })"],
  ])('prompt with %s for every record ends the run, and nothing else', async (_what, prompt) => {
    const { code, stderr, out } = await runWith(noteDefinition.replace("'{{text}}'", prompt), [], gleaner);
    expect(stderr).not.toContain('unforeseen');
    expect(stderr).toContain('Cannot ask for any of the first 3 records; line 1: The definition');
    expect(code).toBe(2);
    expect(readRun(out).rejects).toEqual([]);
  });

  test('a default export that throws at every access', async () => {
    const traps = `{ get() { throw new Error('hands off'); }, has() { throw new Error('hands off'); } }`;
    const { code, stderr } = await runWith(`export default new Proxy({}, ${traps});`);
    expect([code, stderr]).toEqual([2, errorLine('the definition note.ts.*hands off')]);
  });

  test('a property given to all objects', async () => {
    const { code, stderr } = await runWith(`(Object.prototype as any).evil = 'x';\n${noteDefinition}`);
    expect([code, stderr]).toEqual([2, errorLine('"evil"; leave Object.prototype as it is')]);
  });
});

describe.runIf(hasFullDevice)('a log that cannot be written', () => {
  test.each(['2>/dev/full', '>/dev/full', '>/dev/full 2>&1', '--json-logs 2>/dev/full'])(
    '%s ends no run',
    async (rest) => {
      const directory = workplace();
      writeFile(directory, 'notes.jsonl', noteRecords(3));
      const baseUrl = await serve();
      const { code } = await shell(
        `gleaner run note.ts notes.jsonl --out run --base-url ${baseUrl} ${rest}`,
        directory,
      );
      expect(code).toBe(0);
      expect(readRun(join(directory, 'run')).results).toHaveLength(3);
    },
  );

  test('output that is asked for and lost is no success', async () => {
    const { code, stderr } = await shell('gleaner schema show note.ts >/dev/full', workplace());
    expect([code, stderr]).toEqual([2, expect.stringContaining('error: Cannot write to standard output')]);
  });
});

describe.runIf(isPosix)('places that are no files', () => {
  test('--out below /proc is refused', async () => {
    const directory = workplace();
    writeFile(directory, 'notes.jsonl', noteRecords(1));
    const { code, stderr } = await gleaner(['run', 'note.ts', 'notes.jsonl', '--out', '/proc/gleaner', '--emulator'], {
      cwd: directory,
    });
    expect([code, stderr]).toEqual([2, expect.stringContaining('Cannot create the run directory /proc/gleaner')]);
  });

  test('results.jsonl that is a link is refused before what it leads to is touched', async () => {
    const directory = workplace();
    writeFile(directory, 'notes.jsonl', noteRecords(1));
    const precious = writeFile(directory, 'precious', 'no line end');
    execFileSync('mkdir', [join(directory, 'run')]);
    execFileSync('ln', ['-s', precious, join(directory, 'run/results.jsonl')]);
    const { code, stderr } = await gleaner(['run', 'note.ts', 'notes.jsonl', '--out', 'run', '--emulator'], {
      cwd: directory,
    });
    expect([code, stderr]).toEqual([2, expect.stringContaining('run/results.jsonl is a symbolic link')]);
    expect(readFileSync(precious, 'utf8')).toBe('no line end');
  });

  test('control characters of paths are written out', async () => {
    const directory = workplace();
    const name = '\u001b[2Jevil\nerror: fine\r';
    const missing = await gleaner(['run', 'note.ts', `${name}.jsonl`, '--out', 'run', '--emulator'], {
      cwd: directory,
    });
    expect(missing.code).toBe(2);
    writeFile(directory, `${name}.jsonl`, noteRecords(1));
    const found = await gleaner(['run', 'note.ts', `${name}.jsonl`, '--out', 'run', '--base-url', await serve()], {
      cwd: directory,
    });
    expect(found.code).toBe(0);
    for (const { stderr } of [missing, found]) {
      // oxlint-disable-next-line no-control-regex
      expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
      expect(stderr).not.toMatch(/^error: fine/m);
      expect(stderr).toContain('\\u001b[2Jevil\\nerror: fine\\r');
    }
  });
});

describe('names that a service makes up', () => {
  test('neither credentials nor control characters of them are written down, nor megabytes', async () => {
    const directory = workplace();
    writeFile(directory, 'notes.jsonl', noteRecords(120));
    let calls = 0;
    const baseUrl = await serve((request, response) => {
      request.resume();
      const evil = `\u001b[2J${String(request.headers.authorization)} ${calls++}${'m'.repeat(100_000)}`;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({
          id: evil,
          model: `${calls} ${evil}`,
          choices: [{ finish_reason: evil, message: { content: '{"name":"Ann","total":1}' } }],
          usage: {
            total_tokens: 15,
            prompt_tokens: 2 ** 52,
            extra_properties: { google: { traffic_type: `${calls} ${evil}` } },
          },
        }),
      );
    });
    const args = ['run', 'note.ts', 'notes.jsonl', '--out', 'run', '--base-url', baseUrl, '--auth', 'env:SECRET'];
    const { stderr } = await gleaner(args, { cwd: directory, env: { SECRET: 'quiet.lantern' } });
    const out = join(directory, 'run');
    const { attempts, usage } = readRun(out);
    const texts = [
      stderr,
      ...['attempts.jsonl', 'usage.json', 'results.jsonl', 'rejects.jsonl'].map((name) =>
        readFileSync(join(out, name), 'utf8'),
      ),
    ];
    for (const text of texts) {
      expect(text).not.toContain('quiet.lantern');
      for (const escape of ['\u001b', '\\u001b']) expect(text).not.toContain(escape);
      expect(text).not.toContain('m'.repeat(101));
    }
    expect(attempts).toHaveLength(120);
    expect(Object.keys(usage.byModel)).toHaveLength(51);
    expect(Object.keys(usage.byTrafficType)).toHaveLength(51);
    expect(usage.byModel['other']?.calls).toBe(70);
    expect(usage.tokens).toMatchObject({ prompt: 0, total: 120 * 15 });
  });

  test.each([
    ['an object', '{"choices":{"0":{}},"usage":{"total_tokens":1}}', 'JSON that is no completion'],
    ['a string', '{"choices":"none","usage":{"total_tokens":1}}', 'JSON that is no completion'],
    ['empty beside an error', '{"choices":[],"error":{"code":429,"message":"slow down"}}', 'HTTP 429'],
  ])('choices that are %s are no answer', async (_what, body, message) => {
    const directory = workplace();
    writeFile(directory, 'notes.jsonl', noteRecords(1));
    const baseUrl = await serve((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(body);
    });
    const args = ['run', 'note.ts', 'notes.jsonl', '--out', 'run', '--base-url', baseUrl];
    await gleaner([...args, '--max-attempts', '2', '--retry-delay-ms', '1'], { cwd: directory });
    // An error says nothing of the record while the service has answered none.
    const { rejects, usage } = readRun(join(directory, 'run'));
    expect(rejects[0]?.error.message ?? usage.reason).toContain(message);
    expect(rejects[0]?.error.code).not.toBe('content_filter');
  });
});

/** Waits until a process has a file open; where that cannot be seen, for a while. */
async function untilOpen(pid: number, name: string): Promise<void> {
  const folder = `/proc/${pid}/fd`;
  if (!existsSync(folder)) return void (await delay(3000));
  for (let tries = 0; tries < 300; tries += 1) {
    const isOpen = readdirSync(folder).some((fd) => {
      try {
        return readlinkSync(join(folder, fd)).endsWith(`/${name}`);
      } catch {
        return false;
      }
    });
    if (isOpen) return;
    await delay(50);
  }
}

/** Waits until a process has done something, and then nothing for half a second: it has loaded all, and waits itself. */
async function untilIdle(pid: number): Promise<void> {
  let before = 0;
  for (let tries = 0; tries < 100; tries += 1) {
    await delay(500);
    const [, utime = '', stime = ''] =
      /\) (?:\S+ ){11}(\d+) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    const ticks = Number(utime) + Number(stime);
    if (ticks > 30 && ticks === before) return;
    before = ticks;
  }
  throw new Error(`The process ${pid} never waits`);
}
