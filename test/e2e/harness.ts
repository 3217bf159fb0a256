import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { AttemptEntry, RejectEntry, ResultEntry, UsageReport } from 'gleaner';
import type { main as Main } from '../../src/cli/main.ts';
import { startEmulator, type Emulator, type EmulatorOptions } from 'gleaner/emulator';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'bin/gleaner.js');

/** `npm run test:processes` gives every command a process of its own. */
export const alwaysSpawns = process.env['TEST_PROCESSES'] !== undefined;

export interface CommandResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

interface ShownResult extends CommandResult {
  /** Both streams, as a terminal shows them. */
  terminal: string;
}

export interface RunningCommand {
  process: ChildProcess;
  done: Promise<ShownResult>;
}

export interface CommandOptions {
  env?: Record<string, string>;
  cwd?: string;
  stdin?: string | Buffer;
}

/** Starts the built command; nothing of the surroundings' settings reaches it. */
export function startGleaner(args: readonly string[], options: CommandOptions = {}): RunningCommand {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: options.cwd ?? root,
    env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), TMPDIR: tmpdir(), ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const terminal: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => (stdout.push(chunk), terminal.push(chunk)));
  child.stderr.on('data', (chunk: Buffer) => (stderr.push(chunk), terminal.push(chunk)));
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  const done = new Promise<ShownResult>((resolve) => {
    child.once('close', (code, signal) =>
      resolve({ code, signal, stdout: textOf(stdout), stderr: textOf(stderr), terminal: textOf(terminal) }),
    );
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { process: child, done };
}

function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString();
}

/** Runs the built command in a process of its own, and waits for its end. */
export function gleanerProcess(args: readonly string[], options: CommandOptions = {}): Promise<ShownResult> {
  return startGleaner(args, options).done;
}

/**
 * Runs the built command, and waits for its end. It shares this process, since starting one costs more than most commands do; where
 * the process itself is what a test is about, it takes `gleanerProcess`.
 */
export async function gleaner(args: readonly string[], options: CommandOptions = {}): Promise<ShownResult> {
  if (alwaysSpawns) return gleanerProcess(args, options);
  const before = lastHere;
  let end = (): void => undefined;
  lastHere = new Promise<void>((resolve) => (end = resolve));
  await before;
  try {
    return await runHere(args, options);
  } finally {
    end();
  }
}

/** The end of the last command in this process: they share its current directory, so they take turns. */
let lastHere: Promise<void> = Promise.resolve();

async function runHere(args: readonly string[], options: CommandOptions): Promise<ShownResult> {
  const { main } = (await import(join(root, 'dist/command/main.js'))) as { main: typeof Main };
  const output = { stdout: '', stderr: '', terminal: '' };
  const collect = (name: 'stdout' | 'stderr'): Writable => {
    const decoder = new TextDecoder();
    return new Writable({
      write(chunk: Buffer, _encoding, done) {
        const text = decoder.decode(chunk, { stream: true });
        output[name] += text;
        output.terminal += text;
        done();
      },
    });
  };
  const home = process.cwd();
  process.chdir(options.cwd ?? root);
  try {
    const code = await main(args, {
      stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)], { objectMode: false }),
      stdout: collect('stdout'),
      stderr: collect('stderr'),
      environment: { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), TMPDIR: tmpdir(), ...options.env },
      runId: randomUUID(),
      onStopSignal: () => () => undefined,
    });
    return { code, signal: null, ...output };
  } finally {
    process.chdir(home);
    // A process of its own would load edited definitions anew.
    const { cache } = createRequire(import.meta.url);
    for (const path of Object.keys(cache)) if (path.includes('gleaner-test-')) delete cache[path];
  }
}

/** A directory of the test's own, removed with it. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'gleaner-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export function writeFile(directory: string, name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

/** An emulator, and the flags that send a command there. */
export async function emulatorFor(
  options: EmulatorOptions = {},
): Promise<{ emulator: Emulator; flags: string[]; env: Record<string, string> }> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  return {
    emulator,
    flags: ['--base-url', emulator.baseUrl(), '--auth', 'env:TEST_TOKEN'],
    env: { TEST_TOKEN: 'any-token' },
  };
}

export function readLines<Entry>(path: string): Entry[] {
  const text = readFileSync(path, 'utf8');
  return text === ''
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Entry);
}

export interface RunFiles {
  results: ResultEntry[];
  rejects: RejectEntry[];
  attempts: AttemptEntry[];
  usage: UsageReport;
}

export function readRun(directory: string): RunFiles {
  return {
    results: readLines(join(directory, 'results.jsonl')),
    rejects: readLines(join(directory, 'rejects.jsonl')),
    attempts: readLines(join(directory, 'attempts.jsonl')),
    usage: JSON.parse(readFileSync(join(directory, 'usage.json'), 'utf8')) as UsageReport,
  };
}

/** A plain definition over `{ id, text }` records whose answers the emulator finds by their labels. */
export const noteDefinition = `
import { defineExtraction } from 'gleaner';
import { z } from 'zod';
export default defineExtraction({
  name: 'note',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ name: z.string(), total: z.number().nullable() }),
  instructions: 'Extract the note.',
  prompt: '{{text}}',
  id: 'id',
  request: { temperature: 0, maxTokens: 512, thinking: { budget: 0 } },
});
`;

export function noteRecords(count: number): string {
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({ id: `note-${index}`, text: `Note <${index}>\nName: Person ${index}\nTotal: ${index}.50` }),
  )
    .map((line) => `${line}\n`)
    .join('');
}

/** Every record of the input stands exactly once in results and rejects, and the sums of usage.json are the ledger's. */
export function accountFor(run: RunFiles): { ids: string[] } {
  const ids = [...run.results, ...run.rejects].map((entry) => `${entry.index}`);
  if (new Set(ids).size !== ids.length) throw new Error('An input row stands twice in results and rejects');
  const resultIds = run.results.map(({ id }) => id);
  if (new Set(resultIds).size !== resultIds.length) throw new Error('An id stands twice in the results');
  const total = run.attempts.reduce((sum, { tokens }) => sum + tokens.total, 0);
  if (total !== run.usage.tokens.total) {
    throw new Error(`usage.json says ${run.usage.tokens.total} tokens, the ledger ${total}`);
  }
  return { ids };
}
