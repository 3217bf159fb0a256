import { randomUUID } from 'node:crypto';
import { fstatSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { GleanerError } from '../../gleaner-error.ts';
import type { Environment } from '../settings/settings.ts';

/** The terminal of the process was closed, where it is SIGHUP. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** The process's surroundings, as far as commands may use them; tests bring their own. */
export interface Terminal {
  stdin: Readable;
  stdout: Writable & { columns?: number };
  stderr: Writable & { isTTY?: boolean; columns?: number };
  environment: Environment;
  /** Names this command in all lines of its log for programs. */
  runId: string;
  /** Calls the listener for each signal that asks to stop; returns the function that ends it. */
  onStopSignal(listener: (signal: StopSignal) => void): () => void;
  /** Told when a run begins. */
  onRunBegin?(): void;
  /** Ends the process, whatever it is doing. */
  endNow?(exitCode: number): void;
}

/** The terminal of this process, and what its standard output failed with, if it did. */
export interface ProcessTerminal extends Terminal {
  stdoutFailure(): Error | undefined;
}

export function processTerminal(): ProcessTerminal {
  let stdoutFailure: Error | undefined;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has seen enough, such as `head`, is no failure.
    if (error.code !== 'EPIPE') stdoutFailure ??= error;
  });
  // A log that cannot be written ends no run.
  process.stderr.on('error', () => undefined);
  // Node's own printing of warnings goes on for all but this one: the error that follows it says more, and what to do.
  const printers = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'MetadataLookupWarning') for (const print of printers) print(warning);
  });
  return {
    get stdin() {
      // Node reads a directory as if it were empty.
      if (isDirectory(0)) {
        throw new GleanerError(
          'input-unreadable',
          'Cannot read standard input: standard input is a directory; give it a file or a pipe',
        );
      }
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    runId: randomUUID(),
    onStopSignal: (listener) => {
      process.on('SIGINT', listener);
      process.on('SIGTERM', listener);
      // As good a reason to end in order as the others, and no hurry, although system and shell each say so.
      let hasHungUp = false;
      const onHangUp = (): void => {
        if (!hasHungUp) listener('SIGHUP');
        hasHungUp = true;
      };
      process.on('SIGHUP', onHangUp);
      return () => {
        process.off('SIGHUP', onHangUp);
        process.off('SIGINT', listener);
        process.off('SIGTERM', listener);
      };
    },
    stdoutFailure: () => stdoutFailure,
  };
}

function isDirectory(fd: number): boolean {
  try {
    return fstatSync(fd).isDirectory();
  } catch {
    return false;
  }
}
