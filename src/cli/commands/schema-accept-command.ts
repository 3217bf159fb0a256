import { join } from 'node:path';
import { writeAcceptance, writeRemoval } from '../../evolution/check/accept-record.ts';
import { failingChanges } from '../../evolution/check/check-advice.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { version } from '../../version.ts';
import { snapshotsFolder, today } from './schema-candidates.ts';
import { runCheck } from './schema-check-command.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `gleaner schema accept <definition> --reason "..."`: lets the break between exactly these two schemas pass. */
export async function schemaAcceptCommand(
  references: readonly string[],
  settings: Settings,
  terminal: Terminal,
): Promise<number> {
  const reason = settings.text('reason')?.trim() ?? '';
  if (reason === '') {
    throw new GleanerError('usage', 'Cannot accept a break without a reason: say why it is right, with --reason "..."');
  }
  if (settings.isOn('removed')) return acceptRemovals(references, reason, settings, terminal);
  const { definitions, against, reader } = await runCheck(references, settings);
  for (const { candidate, pairs, verdict } of definitions) {
    const { name, hash } = candidate.content;
    if (verdict !== 'breaking' && verdict !== 'unknown') {
      terminal.stderr.write(`${name}: nothing to accept, it is ${verdict} with ${against}\n`);
      continue;
    }
    for (const pair of pairs) {
      if (pair.verdict !== 'breaking' && pair.verdict !== 'unknown') continue;
      const changes = failingChanges(pair);
      const witness = pair.failing
        .map((direction) => pair[direction].witness)
        .find((document) => document !== undefined);
      const path = writeAcceptance(join(snapshotsFolder(settings), name), {
        name,
        date: today(),
        gleaner: version(),
        reason,
        oldHash: pair.baseline.hash,
        newHash: hash,
        ...(pair.baseline.number === undefined ? {} : { oldNumber: pair.baseline.number }),
        reader,
        directions: pair.failing,
        rules: [...new Set(changes.map(({ rule }) => rule))].sort(),
        fingerprints: [...new Set(changes.map(({ fingerprint }) => fingerprint))].sort(),
        ...(witness === undefined ? {} : { witness }),
        ...(pair.weakened === undefined ? {} : { weakened: pair.weakened }),
      });
      terminal.stderr.write(`${name}: accepted the break with ${pair.baseline.label}; commit ${path}\n`);
    }
  }
  return 0;
}

/** Only what the baseline has and no definition does can be accepted as gone. */
async function acceptRemovals(
  names: readonly string[],
  reason: string,
  settings: Settings,
  terminal: Terminal,
): Promise<number> {
  const { removed, against } = await runCheck([], settings);
  for (const name of names) {
    if (!removed.some((removal) => removal.name === name)) {
      throw new GleanerError(
        'usage',
        `Cannot accept the removal of ${name}: ${against} has no ${name}, or a definition of that name is there`,
      );
    }
    const path = writeRemoval(snapshotsFolder(settings), { name, date: today(), gleaner: version(), reason });
    terminal.stderr.write(`${name}: accepted its removal; commit ${path}\n`);
  }
  return 0;
}
