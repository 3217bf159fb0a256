import { setTimeout as sleep } from 'node:timers/promises';
import { openPoolReader } from '../../fleet/pool/pool-reader.ts';
import type { PoolStatus } from '../../fleet/pool/pool-status.ts';
import { poolStatusText } from '../../fleet/pool/pool-status-text.ts';
import { visible } from '../../text/visible.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { POOL_PASSWORD } from '../open-pool.ts';
import type { statusFlags } from '../settings/flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { FOLLOW_EVERY_MS } from './status-command.ts';

/** `gleaner status --pool <url>`: what runs share, and who of them is at work; with --follow until none is. */
export async function tellPoolStatus(
  url: string,
  settings: Settings<typeof statusFlags>,
  terminal: Terminal,
): Promise<number> {
  const prefix = settings.text('pool-prefix');
  const reader = await openPoolReader(url, { password: terminal.environment[POOL_PASSWORD], prefix });
  const { name, warnings } = reader;
  const show = (status: PoolStatus): void => {
    const text = settings.isOn('json')
      ? JSON.stringify({ pool: name, warnings, ...status })
      : visible(poolStatusText(status, name));
    terminal.stdout.write(`${text}\n`);
  };
  try {
    for (const warning of settings.isOn('json') ? [] : warnings)
      terminal.stderr.write(`The pool at ${name}: ${warning}\n`);
    let status = await reader.read();
    show(status);
    while (settings.isOn('follow') && status.sessions.length > 0) {
      await sleep(FOLLOW_EVERY_MS);
      status = await reader.read();
      show(status);
    }
    return EXIT_CODES.ok;
  } finally {
    reader.close();
  }
}
