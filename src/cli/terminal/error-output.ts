import type { Writable } from 'node:stream';
import { logLine } from './log-line.ts';
import { usageHint } from '../settings/usage-hint.ts';
import { visible, visibleLine } from '../../text/visible.ts';

/** Tells what went wrong: in words, or as one JSON object a line for a log collector. */
export class ErrorOutput {
  readonly #stderr: Writable;
  readonly #isJson: boolean;

  constructor(stderr: Writable, options: { isJson: boolean }) {
    this.#stderr = stderr;
    this.#isJson = options.isJson;
  }

  tell(message: string, stack?: string): void {
    if (this.#isJson) {
      this.#stderr.write(`${logLine('error', stack === undefined ? { message } : { message, stack })}\n`);
      return;
    }
    this.#stderr.write(`error: ${visibleLine(message)}\n`);
    // It begins with the message again, in its own words.
    if (stack !== undefined) this.#stderr.write(`${visible(stack)}\n`);
  }

  /** What the parser of the command line says, which is `error: ` and lines of text, with a hint of ours where one fits. */
  usage(text: string, argv: readonly string[]): void {
    const said = text.trimEnd();
    const hint = said.includes('Did you mean') ? undefined : usageHint(argv);
    const lines = hint === undefined ? [said] : [said, `(Did you mean ${hint}?)`];
    if (this.#isJson)
      this.tell(
        lines
          .join(' ')
          .replace(/^error: /, '')
          .replaceAll('\n', ' '),
      );
    else this.#stderr.write(`${visible(lines.join('\n'))}\n`);
  }
}
