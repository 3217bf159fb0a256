import type { Writable } from 'node:stream';
import type { Paint } from './colour.ts';
import { logLine } from './log-line.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { usageHint } from '../settings/usage-hint.ts';
import { visible, visibleLine } from '../../text/visible.ts';
import { wrapText } from '../../text/wrap-text.ts';

/** Tells what went wrong: in words, or as one JSON object a line for a log collector. */
export class ErrorOutput {
  readonly #stderr: Writable & { columns?: number };
  readonly #isJson: boolean;
  readonly #runId: string;
  readonly #paint: Paint;

  constructor(stderr: Writable & { columns?: number }, options: { isJson: boolean; runId: string; paint?: Paint }) {
    this.#stderr = stderr;
    this.#isJson = options.isJson;
    this.#runId = options.runId;
    this.#paint = options.paint ?? ((_colour, text) => text);
  }

  /** `exitCode` is what the command ends with for it. */
  tell(message: string, { exitCode, stack }: { exitCode: number; stack?: string | undefined }): void {
    if (this.#isJson) {
      const facts = {
        level: 'error',
        message,
        runId: this.#runId,
        exitCode,
        ...(stack !== undefined && { stack }),
      } as const;
      this.#stderr.write(`${logLine('error', facts)}\n`);
      return;
    }
    // Cut between words: a terminal breaks lines within them.
    const line = wrapText(`error: ${visibleLine(message)}`, { width: this.#stderr.columns, indent: 7 });
    this.#stderr.write(`${this.#marked(line)}\n`);
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
        { exitCode: EXIT_CODES.refused },
      );
    else this.#stderr.write(`${this.#marked(visible(lines.join('\n')))}\n`);
  }

  #marked(text: string): string {
    return text.replace(/^error:/, (mark) => this.#paint('red', mark));
  }
}
