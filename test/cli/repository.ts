import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { main } from '../../src/cli/main.ts';

export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command line in some directory. */
export type Run = (args: readonly string[], directory: string) => Promise<CommandResult>;

/** Runs the command in this process, from its sources. */
async function runHere(args: readonly string[], directory: string): Promise<CommandResult> {
  const output = { stdout: '', stderr: '' };
  const collect = (name: 'stdout' | 'stderr'): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        output[name] += chunk.toString();
        done();
      },
    });
  const home = process.cwd();
  process.chdir(directory);
  try {
    const terminal = { stdin: new PassThrough(), stdout: collect('stdout'), stderr: collect('stderr') };
    const code = await main(args, { ...terminal, environment: {}, runId: 'r-1', onStopSignal: () => () => undefined });
    return { code, ...output };
  } finally {
    process.chdir(home);
    // A process of its own would load edited definitions anew.
    const { cache } = createRequire(import.meta.url);
    for (const path of Object.keys(cache)) if (path.includes('gleaner-test-')) delete cache[path];
  }
}

/** The fields of the first version. */
export const first = ['number: z.string()', 'total: z.number().nullable()', "currency: z.enum(['EUR', 'USD'])"];

export function definition(fields: readonly string[], options = '', name = 'invoice'): string {
  return `import { defineExtraction } from 'gleaner';
import { z } from 'zod';

export default defineExtraction({
  name: '${name}',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({
${fields.map((field) => `    ${field},`).join('\n')}
  }),
  instructions: 'Extract the invoice.',
  prompt: '{{text}}',${options}
});
`;
}

/** Where a repository with its first snapshot lies, which most tests of a file begin with. */
const lockedBy = new Map<Run, string>();

/** A real repository in a directory of its own, with one definition. */
export class Repository {
  readonly path: string;
  readonly #run: Run;

  constructor(run: Run = runHere, path = temporaryDirectory()) {
    this.path = path;
    this.#run = run;
  }

  /** The same way of running commands, in another directory. */
  at(path: string): Repository {
    return new Repository(this.#run, path);
  }

  static withInvoice(run?: Run): Repository {
    const repository = new Repository(run);
    repository.git('init', '-q', '-b', 'main');
    repository.define(first);
    return repository;
  }

  git(...args: string[]): string {
    const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
    const { status, stdout, stderr } = spawnSync('git', [...identity, ...args], { cwd: this.path, encoding: 'utf8' });
    if (status !== 0) throw new Error(`git ${args.join(' ')} failed: ${stderr}`);
    return stdout.trim();
  }

  commit(message: string): void {
    this.git('add', '-A');
    this.git('commit', '-q', '-m', message);
  }

  define(fields: readonly string[], options?: string, name?: string): void {
    this.write('schemas/invoice.ts', definition(fields, options, name));
  }

  write(name: string, text: string | Buffer): void {
    mkdirSync(join(this.path, name, '..'), { recursive: true });
    writeFileSync(join(this.path, name), text);
  }

  gleaner(...args: string[]): Promise<CommandResult> {
    return this.#run(args, this.path);
  }

  /** A repository whose main branch has the definition and its first snapshot. */
  static async locked(run: Run = runHere): Promise<Repository> {
    const made = lockedBy.get(run);
    if (made !== undefined) {
      const repository = new Repository(run);
      cpSync(made, repository.path, { recursive: true });
      return repository;
    }
    const repository = Repository.withInvoice(run);
    await repository.gleaner('schema', 'lock');
    repository.commit('Add the invoice');
    const kept = mkdtempSync(join(tmpdir(), 'gleaner-test-locked-'));
    cpSync(repository.path, kept, { recursive: true });
    process.on('exit', () => rmSync(kept, { recursive: true, force: true }));
    lockedBy.set(run, kept);
    return repository;
  }
}

export interface JsonReport {
  format: string;
  isOk: boolean;
  definitions: {
    name: string;
    verdict: string;
    lock: string;
    unseen: { path: string; kind: string }[];
    staleAcceptances: string[];
    notes: string[];
    comparisons: {
      baseline: { label: string; path: string };
      verdict: string;
      backward: { verdict: string; witness?: unknown };
      forward: { verdict: string };
      changes: { rule: string; line: number; isFailing: boolean }[];
    }[];
  }[];
  removed: { name: string; acceptance: object | null; message: string }[];
  notes: string[];
}

export async function checkJson(
  repository: Repository,
  ...args: string[]
): Promise<{ code: number | null; report: JsonReport }> {
  const { code, stdout } = await repository.gleaner('schema', 'check', '--format', 'json', ...args);
  return { code, report: JSON.parse(stdout) as JsonReport };
}

function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'gleaner-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
