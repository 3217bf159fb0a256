import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EXIT_CODES } from '../../src/cli/exit-code.ts';
import { listenForStop } from '../../src/cli/stop-signals.ts';
import type { Reporter } from '../../src/cli/terminal/reporter.ts';
import type { StopSignal, Terminal } from '../../src/cli/terminal/terminal.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A process that is told to stop by the test. */
function process() {
  const notices: string[] = [];
  const exits: number[] = [];
  let tell: (name: StopSignal) => void = () => undefined;
  const terminal = {
    onStopSignal: (listener: typeof tell) => {
      tell = listener;
      return () => undefined;
    },
    endNow: (code: number) => void exits.push(code),
  } as unknown as Terminal;
  const reporter = { notice: (text: string) => void notices.push(text) } as unknown as Reporter;
  return { stop: listenForStop(terminal, reporter), tell: (name: StopSignal) => tell(name), notices, exits };
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s is named where it came, and ends what does not end by itself',
  (name) => {
    const { stop, tell, notices, exits } = process();
    tell(name);
    expect(notices).toEqual([
      `${name}: no new records are taken; calls in flight get 20 s to finish. Repeat to stop at once`,
    ]);
    expect(stop.signal.reason).toEqual(new Error(`${name} received`));
    expect(stop.abortSignal.aborted).toBe(false);

    vi.advanceTimersByTime(20_000);
    expect(stop.abortSignal.reason).toEqual(new Error(`${name} received, and calls did not finish in time`));
    vi.advanceTimersByTime(7000);
    expect(notices.at(-1)).toContain(`${name}: the process ends at once`);
    expect(exits).toEqual([EXIT_CODES[name]]);
  },
);

test('of two signals the second is named beside the first, whose exit code counts', () => {
  const { stop, tell } = process();
  tell('SIGHUP');
  tell('SIGINT');
  expect(stop.abortSignal.reason).toEqual(new Error('SIGHUP and then SIGINT received'));
  expect(stop.received()).toBe('SIGHUP');

  const twice = process();
  twice.tell('SIGINT');
  twice.tell('SIGINT');
  expect(twice.stop.abortSignal.reason).toEqual(new Error('SIGINT received twice'));
  stop.close();
  twice.stop.close();
});
