import { setTimeout as sleep } from 'node:timers/promises';
import { GleanerError } from '../../gleaner-error.ts';
import { RunFollower, type RunState } from '../../status/run-follower.ts';
import { reckonRest } from '../../status/run-rest.ts';
import { readRunTotal, type RunTotal } from '../../status/run-total.ts';
import { statusLineOf, statusText } from '../../status/status-text.ts';
import { wrapText } from '../../text/wrap-text.ts';
import { visible, visibleLine } from '../../text/visible.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { tellLostEnds } from '../tell-lost-ends.ts';
import type { statusFlags } from '../settings/flags/after-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { FOLLOW_EVERY_MS } from './follow-interval.ts';

/** `gleaner status <run-dir>`: what a run does now, from another terminal; with --follow until it ends. */
export async function statusCommand(
  [directory]: readonly string[],
  settings: Settings<typeof statusFlags>,
  terminal: Terminal,
): Promise<number> {
  const pool = settings.text('pool');
  if (directory === undefined && pool !== undefined) {
    const { tellPoolStatus } = await import('./pool-status.ts');
    return tellPoolStatus(pool, settings, terminal);
  }
  if (directory === undefined) {
    throw new GleanerError('usage', 'Cannot say what a run does: name its directory, or a pool with --pool');
  }
  const follower = new RunFollower(directory);
  const isJson = settings.isOn('json');
  const show = (state: RunState, total: RunTotal | null): void => {
    const text = isJson
      ? JSON.stringify(jsonOf(state, total))
      : fitted(visible(statusText(state, visibleLine(directory), { total })), terminal);
    terminal.stdout.write(`${text}\n`);
  };
  let state = follower.read();
  // An input does not change under its run, so it is counted once.
  const total = await readRunTotal(state);
  show(state, total);
  tellLostEnds(directory, terminal);
  if (!settings.isOn('follow')) return EXIT_CODES.ok;
  while (isLive(state)) {
    await sleep(FOLLOW_EVERY_MS);
    state = follower.read();
    if (!isLive(state)) break;
    terminal.stdout.write(
      `${isJson ? JSON.stringify(jsonOf(state, total)) : fitted(statusLineOf(state, total), terminal)}\n`,
    );
  }
  show(state, await readRunTotal(state));
  return EXIT_CODES.ok;
}

/** Lines for a screen are broken between words; into a file or a pipe they go as they are. */
function fitted(text: string, { stdout }: Pick<Terminal, 'stdout'>): string {
  const lines = text
    .split('\n')
    .map((line) => wrapText(line, { width: stdout.columns, indent: line.startsWith('  ') ? 12 : 10 }));
  return lines.join('\n');
}

function isLive({ session }: RunState): boolean {
  return session.state === 'at work' || session.state === 'unknown';
}

function jsonOf(state: RunState, total: RunTotal | null): object {
  const { usage, session, openCalls, recent, batch } = state;
  return {
    session,
    total,
    ...reckonRest(state, total),
    openCalls,
    recent,
    ...(batch === null ? {} : { batch }),
    usage,
  };
}
