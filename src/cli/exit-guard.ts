import { framesOf, kindAndPlaceOf, stackOf, UNSHOWN } from '../text/thrown-place.ts';
import { reasonOf } from '../text/thrown-message.ts';
import { describeSystemError } from '../files/system-error.ts';
import type { ErrorOutput } from './terminal/error-output.ts';
import { refusedPermission } from './refused-permission.ts';
import { EXIT_CODES } from './exit-code.ts';

export interface ExitGuardOptions {
  errors: ErrorOutput;
  isDebug: boolean;
  /** What standard output failed with, if it did. */
  stdoutFailure(): Error | undefined;
}

/** The process ends by itself as soon as nothing keeps it; what does is given so long. */
const LINGER_MS = 1000;

/**
 * Makes sure that the process never ends well unless the command has: definitions are code of others, which may call
 * process.exit, throw where nothing catches it, or wait for what never comes, with which Node ends a process too.
 */
export class ExitGuard {
  readonly #options: ExitGuardOptions;
  #hasBegun = false;
  #hasRunEmpty = false;
  #exitCode: number | undefined;

  constructor(options: ExitGuardOptions) {
    this.#options = options;
    process.once('beforeExit', () => {
      this.#hasRunEmpty = true;
    });
    process.on('exit', () => {
      process.exitCode = this.#exitCode === undefined ? this.#describeEnd() : this.#checkOutput(this.#exitCode);
    });
    process.on('uncaughtException', (error) => this.#endWith(error));
    process.on('unhandledRejection', (reason) => this.#endWith(reason));
  }

  /** To be called when a run begins: what ends it can be continued. */
  runBegins(): void {
    this.#hasBegun = true;
  }

  /** To be called when the command has ended. */
  release(exitCode: number): void {
    this.#exitCode ??= exitCode;
    this.#exitSoon();
  }

  /** A definition may have left something behind that would keep the process for ever, such as an interval. */
  #exitSoon(): void {
    setTimeout(() => {
      // What a slow reader has not taken yet is waited for.
      if (process.stdout.writableLength > 0) this.#exitSoon();
      else process.exit();
    }, LINGER_MS).unref();
  }

  /** Ends the process, whatever it is doing. A signal that comes meanwhile ends it without us. */
  endNow(exitCode: number): void {
    this.release(exitCode);
    process.removeAllListeners('SIGINT');
    process.removeAllListeners('SIGTERM');
    process.removeAllListeners('SIGHUP');
    process.exit();
  }

  #describeEnd(): number {
    const before = this.#hasBegun ? 'the run had ended' : 'the command had done its work';
    this.#tell(
      this.#hasRunEmpty
        ? `nothing was left to wait for before ${before}: most likely a promise in the definition never settles, such as one in an async refine or transform`
        : `process.exit was called before ${before}, most likely by the definition; take the call out`,
    );
    return this.#endCode();
  }

  #endWith(error: unknown): void {
    // Once records are at work, what code of others says of its errors may quote them.
    const what = this.#hasBegun ? `${kindAndPlaceOf(error)}, ${UNSHOWN}` : reasonOf(error);
    const stack = this.#hasBegun ? framesOf(error)?.join('\n') : stackOf(error);
    this.#tell(
      refusedPermission(error) ??
        `an error was thrown where nothing catches it, most likely by the definition: ${what}`,
      this.#options.isDebug ? stack : undefined,
    );
    this.endNow(this.#endCode());
  }

  #tell(message: string, stack?: string): void {
    const advice = this.#hasBegun ? '. What was written before is whole; the same command continues' : '';
    this.#options.errors.tell(`${message}${advice}`, { exitCode: this.#endCode(), stack });
  }

  #endCode(): number {
    return this.#hasBegun ? EXIT_CODES.stopped : EXIT_CODES.refused;
  }

  /** Output that was lost is no success, although the command could not see it. */
  #checkOutput(exitCode: number): number {
    const failure = this.#options.stdoutFailure();
    if (failure === undefined || exitCode !== EXIT_CODES.ok) return exitCode;
    this.#options.errors.tell(`Cannot write to standard output: ${describeSystemError(failure)}`, {
      exitCode: EXIT_CODES.refused,
    });
    return EXIT_CODES.refused;
  }
}
