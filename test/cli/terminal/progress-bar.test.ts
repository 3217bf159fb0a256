import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createReporter } from '../../../src/cli/terminal/create-reporter.ts';
import type { RunSummary } from '../../../src/run/session/run-in-directory.ts';
import { progressOf } from './progress.ts';

const ESCAPE = '\u001B';
const pieces = new RegExp(`${ESCAPE}\\[\\??[\\d;]*[A-Za-z]|\\n|[^${ESCAPE}\\n]+`, 'g');
const control = new RegExp(`^${ESCAPE}\\[(\\??)(\\d*)(?:;\\d*)*([A-Za-z])$`);

/**
 * A terminal that understands what is written to it: text, line ends, erased lines and moves of the cursor. Lines that are wider than
 * the window are kept whole, so that a test sees them.
 */
class Screen extends Writable {
  readonly isTTY = true;
  columns: number;
  rows = 24;
  lines = [''];
  row = 0;
  column = 0;

  constructor(columns: number) {
    super();
    this.columns = columns;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    for (const [piece] of chunk.toString().matchAll(pieces)) this.#take(piece);
    done();
  }

  get text(): string {
    return this.lines.join('\n').trimEnd();
  }

  /** What a terminal does with a long line when its window becomes narrower. */
  narrow(columns: number): void {
    const folded = this.lines.flatMap((line) => line.match(new RegExp(`.{1,${columns}}`, 'g')) ?? ['']);
    this.row += folded.length - this.lines.length;
    this.lines = folded;
    this.columns = columns;
    this.emit('resize');
  }

  #take(piece: string): void {
    const code = control.exec(piece);
    if (piece === '\n') {
      this.row += 1;
      this.column = 0;
      if (this.lines.length <= this.row) this.lines.push('');
    } else if (code === null) {
      const line = (this.lines[this.row] ?? '').padEnd(this.column);
      this.lines[this.row] = line.slice(0, this.column) + piece + line.slice(this.column + piece.length);
      this.column += piece.length;
    } else if (code[1] === '') {
      const count = Number(code[2] || 1);
      if (code[3] === 'A') this.row = Math.max(0, this.row - count);
      else if (code[3] === 'B') this.row = Math.min(this.lines.length - 1, this.row + count);
      else if (code[3] === 'G') this.column = 0;
      else if (code[3] === 'K' && code[2] === '2') this.lines[this.row] = '';
    }
  }
}

const start = { extraction: 'receipt', input: 'a.csv', out: 'runs/a', target: 'the service', endedBefore: 0 };
const started = 'Extracting receipt from a.csv into runs/a, with the service';

describe('on a terminal', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  async function follow(columns: number) {
    const screen = new Screen(columns);
    const reporter = await createReporter(screen, { isJson: false, runId: 'r-1' });
    const progress = progressOf({});
    reporter.start(start);
    reporter.follow(progress, async () => 100);
    await vi.advanceTimersByTimeAsync(400);
    return { screen, reporter, progress };
  }

  test('the line is drawn in place', async () => {
    const { screen, reporter, progress } = await follow(60);
    expect(screen.text).toBe(`${started}\n0/100  0.0/s  0 rejected  0 tokens  [${' '.repeat(21)}]`);
    progress.extracted = 20;
    progress.tokens = 1234;
    await vi.advanceTimersByTimeAsync(200);
    expect(screen.text).toMatch(new RegExp(`^${started}\n20/100  [0-9.]+/s  \\d+ s left  0 rejected  1,234 tokens$`));
    reporter.close();
  });

  test('a notice goes above the line, which stays', async () => {
    const { screen, reporter } = await follow(60);
    reporter.notice('SIGINT: no new records are taken');
    const line = `0/100  0.0/s  0 rejected  0 tokens  [${' '.repeat(21)}]`;
    expect(screen.text).toBe(`${started}\nSIGINT: no new records are taken\n${line}`);
    reporter.notice('Another');
    expect(screen.text).toBe(`${started}\nSIGINT: no new records are taken\nAnother\n${line}`);
    reporter.close();
    expect(screen.text).toBe(`${started}\nSIGINT: no new records are taken\nAnother`);
  });

  test('a notice that is longer than the terminal is wide is broken between words', async () => {
    const { screen, reporter } = await follow(60);
    reporter.notice('SIGINT: no new records are taken; calls in flight get 20 s to finish. Repeat to stop at once');
    expect(screen.lines.slice(1, 3)).toEqual([
      'SIGINT: no new records are taken;',
      '  calls in flight get 20 s to finish. Repeat to stop at once',
    ]);
    reporter.close();
  });

  test('nothing of the line is left at the end', async () => {
    const { screen, reporter } = await follow(200);
    expect(screen.text).toContain('[ ');
    reporter.end({} as RunSummary, () => 'the summary');
    reporter.close();
    await vi.advanceTimersByTimeAsync(1000);
    expect(screen.text).toBe(`${started}\nthe summary`);
  });

  test('nothing of the line is left when the window becomes narrower', async () => {
    const { screen, reporter } = await follow(150);
    expect(screen.lines[1]?.length).toBeGreaterThan(80);
    screen.narrow(40);
    expect(screen.text).toBe(
      'Extracting receipt from a.csv into runs/\na, with the service\n0/100  0.0/s  0 rejected  0 tokens',
    );
    screen.narrow(5);
    reporter.close();
    expect(screen.text).not.toContain('/100');
  });
});
