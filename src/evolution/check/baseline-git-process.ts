import { spawn } from 'node:child_process';
import { GleanerError } from '../../gleaner-error.ts';
import { systemCode } from '../../files/system-error.ts';

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs git with a list of arguments, never through a shell. */
export async function runGit(cwd: string, args: readonly string[], input = ''): Promise<GitResult> {
  const child = spawn('git', args, { cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // Git may end before it has read everything; its exit code tells.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number>((settle, fail) => {
    child.once('error', (error) => {
      const reason = systemCode(error) === 'ENOENT' ? 'git is not installed, or not on the PATH' : error.message;
      fail(new GleanerError('baseline-unreadable', `Cannot run git: ${reason}`, { cause: error }));
    });
    child.once('close', (exitCode) => settle(exitCode ?? 1));
  });
  return { code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
}

/** The texts of blobs by their ids, read by one process. */
export async function readBlobs(cwd: string, blobs: readonly string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const wanted = [...new Set(blobs)];
  if (wanted.length === 0) return texts;
  const { stdout, stderr } = await runGit(cwd, ['cat-file', '--batch'], `${wanted.join('\n')}\n`);
  let at = 0;
  for (const blob of wanted) {
    const end = stdout.indexOf('\n', at);
    const [, length] = /^[0-9a-f]+ blob (\d+)$/.exec(stdout.toString('latin1', at, end === -1 ? at : end)) ?? [];
    if (length === undefined) {
      throw new GleanerError(
        'baseline-unreadable',
        `Cannot read the blob ${blob} from git: ${stderr.trim() || 'it is missing; fetch it first'}`,
      );
    }
    const start = end + 1;
    at = start + Number(length) + 1;
    texts.set(blob, stdout.toString('utf8', start, at - 1));
  }
  return texts;
}
