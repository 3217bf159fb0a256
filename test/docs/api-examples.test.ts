import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startEmulator } from 'gleaner/emulator';
import { main } from '../../src/cli/main.ts';
import { gleaner, root, temporaryDirectory, writeFile, type CommandResult } from '../e2e/harness.ts';

interface Example {
  /** Which page, and what heading it stands under. */
  place: string;
  /** `call` sends a request, `run` runs a definition, `program` is started with Node, `emulate` is a scenario. */
  command: 'call' | 'run' | 'program' | 'emulate';
  flags?: string[];
  /** Regular expressions that the outcome must match. */
  shows: string[];
  code: string;
}

/** Fenced code below a comment `<!-- example {...} -->`. */
function examplesOf(page: string): Example[] {
  const text = readFileSync(join(root, page), 'utf8');
  const form = /^#{2,3} (.+)$|<!-- example (\{.*\}) -->\s+```\w+\n([^]*?)\n```/gm;
  let heading = '';
  const examples: Example[] = [];
  for (const [, title, specification, code = ''] of text.matchAll(form)) {
    if (title !== undefined) heading = title;
    if (specification === undefined) continue;
    const example = JSON.parse(specification) as Omit<Example, 'place' | 'code'>;
    examples.push({ ...example, place: `${page}: ${heading}`, code });
  }
  return examples;
}

const pages = ['docs/api.md', 'docs/emulator.md', 'docs/evolution-library.md'];
const examples = pages.flatMap(examplesOf).map((example, index) => ({ ...example, index }));

/** The smallest PNG there is: one pixel. */
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** A directory where a reader would try an example: with some records, a picture, and the packages the page speaks of. */
function workspace(): string {
  const directory = temporaryDirectory();
  writeFile(directory, 'picture.png', Buffer.from(pixel, 'base64'));
  const text = 'Note of today\nName: Ann Lee\nTotal: 12.50';
  writeFile(directory, 'notes.jsonl', `${JSON.stringify({ id: 'n1', text, file: 'picture.png' })}\n`);
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(root, join(directory, 'node_modules/gleaner'));
  for (const name of ['zod', 'google-auth-library', 'openai']) {
    symlinkSync(join(root, 'node_modules', name), join(directory, 'node_modules', name));
  }
  return directory;
}

async function execute({ command, code, flags = [] }: Example): Promise<CommandResult> {
  const cwd = workspace();
  switch (command) {
    case 'call':
      return call(['--request', writeFile(cwd, 'request.json', code), '--emulator', ...flags]);
    case 'run': {
      const definition = writeFile(cwd, 'definition.ts', code);
      const result = await gleaner(['run', definition, 'notes.jsonl', '--out', 'out', '--emulator', ...flags], { cwd });
      const files = ['results.jsonl', 'rejects.jsonl', 'attempts.jsonl', 'usage.json'];
      const stdout = files.map((name) => readFileSync(join(cwd, 'out', name), 'utf8')).join('\n');
      return { ...result, stdout };
    }
    case 'program': {
      const emulator = await startEmulator();
      onTestFinished(() => emulator.close());
      // Where the page speaks of somebody's project, the test has the emulator.
      const options = `baseUrl: '${emulator.baseUrl()}', auth: { kind: 'token', token: 'any' }`;
      const program = code.replaceAll(/project: 'my-project',\s+location: '[\w-]+'/g, options);
      return node(writeFile(cwd, 'program.mjs', program), cwd);
    }
    case 'emulate': {
      const scenario = writeFile(cwd, 'scenario.json', code);
      const emulator = await startEmulator({ scenario });
      onTestFinished(() => emulator.close());
      const request = '{"model":"google/gemini-3.5-flash","messages":[{"role":"user","content":"Hello World"}]}';
      const service = ['--base-url', emulator.baseUrl(), '--auth', 'env:TOKEN'];
      const results: CommandResult[] = [];
      for (const _exit of flags) {
        results.push(await call(['--request', writeFile(cwd, 'request.json', request), ...service]));
      }
      // The flags are the exit codes that are expected, one for each call.
      expect(results.map(({ code: exit }) => String(exit))).toEqual(flags);
      return {
        code: 0,
        signal: null,
        stdout: results.map(({ stdout }) => stdout).join('\n'),
        stderr: results.map(({ stderr }) => stderr).join('\n'),
      };
    }
    default:
      return command satisfies never;
  }
}

/** `gleaner call`, within this process. */
async function call(args: readonly string[]): Promise<CommandResult> {
  let stdout = '';
  let stderr = '';
  const code = await main(['call', ...args], {
    stdin: Readable.from([]),
    stdout: sink((text) => (stdout += text)),
    stderr: sink((text) => (stderr += text)),
    environment: { TOKEN: 'any' },
    runId: 'r-1',
    onStopSignal: () => () => undefined,
  });
  return { code, signal: null, stdout, stderr };
}

function sink(onText: (text: string) => void): Writable {
  return new Writable({
    write(text, _encoding, done) {
      onText(String(text));
      done();
    },
  });
}

function node(program: string, cwd: string): Promise<CommandResult> {
  const child = spawn(process.execPath, [program], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve) => {
    child.once('close', (code, signal) =>
      resolve({ code, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
  });
}

test('every row of the API has an example, and every marked example is found', () => {
  const rows = examples.filter(({ place }) => /^docs\/api\.md: \d+\. /.test(place));
  expect(new Set(rows.map(({ place }) => place)).size).toBe(15);
  const marks = pages.flatMap((page) => readFileSync(join(root, page), 'utf8').match(/<!-- example/g) ?? []);
  expect(examples).toHaveLength(marks.length);
});

describe('an example of the documentation does what the page says', () => {
  test.each(examples)('$index $place: $command', async (example) => {
    const { code, stdout, stderr } = await execute(example);
    expect({ code, stdout, stderr }).toMatchObject({ code: 0 });
    for (const pattern of example.shows) expect(stdout + stderr).toMatch(new RegExp(pattern));
  });
});
