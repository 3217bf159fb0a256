import { setTimeout as sleep } from 'node:timers/promises';
import { RunFollower, type RunState } from '../../status/run-follower.ts';
import { statusLineOf, statusText } from '../../status/status-text.ts';
import { visible, visibleLine } from '../../text/visible.ts';
import { EXIT_CODES } from '../exit-code.ts';
import type { statusFlags } from '../settings/flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

const FOLLOW_EVERY_MS = 2000;

/** `gleaner status <run-dir>`: what a run does now, from another terminal; with --follow until it ends. */
export async function statusCommand(
  [directory = '']: readonly string[],
  settings: Settings<typeof statusFlags>,
  terminal: Terminal,
): Promise<number> {
  const follower = new RunFollower(directory);
  const show = (state: RunState): void => {
    const text = settings.isOn('json')
      ? JSON.stringify(jsonOf(state))
      : visible(statusText(state, visibleLine(directory)));
    terminal.stdout.write(`${text}\n`);
  };
  let state = follower.read();
  show(state);
  if (!settings.isOn('follow')) return EXIT_CODES.ok;
  while (isLive(state)) {
    await sleep(FOLLOW_EVERY_MS);
    state = follower.read();
    if (!isLive(state)) break;
    terminal.stdout.write(`${settings.isOn('json') ? JSON.stringify(jsonOf(state)) : statusLineOf(state)}\n`);
  }
  show(state);
  return EXIT_CODES.ok;
}

function isLive({ session }: RunState): boolean {
  return session.state === 'at work' || session.state === 'unknown';
}

function jsonOf({ usage, session, openCalls, recent }: RunState): object {
  return { session, openCalls, recent, usage };
}
