import { join } from 'node:path';
import { REMOVED, writeAcceptance } from '../../evolution/check/accept-record.ts';
import { failingChanges } from '../../evolution/check/check-advice.ts';
import type { CheckedPair } from '../../evolution/check/check-pair.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { version } from '../../packages/version.ts';
import { snapshotsFolder, today } from './schema-candidates.ts';
import { runCheck } from './schema-check-command.ts';
import type { schemaAcceptFlags } from '../settings/flags/schema-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `gleaner schema accept <definition> --reason "..."`: lets the break between exactly these two schemas pass. */
export async function schemaAcceptCommand(
  references: readonly string[],
  settings: Settings<typeof schemaAcceptFlags>,
  terminal: Terminal,
): Promise<number> {
  const reason = settings.text('reason')?.trim() ?? '';
  if (reason === '') {
    throw new GleanerError('usage', 'Cannot accept a break without a reason: say why it is right, with --reason "..."');
  }
  const stamp = { date: today(), gleaner: version(), reason };
  if (settings.isOn('removed')) return acceptRemovals(references, stamp, settings, terminal);
  const { report, folders } = await runCheck(references, settings);
  const { definitions, against, reader, unloaded } = report;
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
      const path = writeAcceptance(folders.get(name) ?? join(snapshotsFolder(settings), name), {
        name,
        ...stamp,
        ...sinceOf(pair.baseline),
        newHash: hash,
        reader,
        directions: pair.failing,
        rules: [...new Set(changes.map(({ rule }) => rule))].sort(),
        fingerprints: [...new Set(changes.map(({ fingerprint }) => fingerprint))].sort(),
        ...(witness === undefined ? {} : { witness }),
        ...(pair.weakened === undefined ? {} : { weakened: pair.weakened }),
        ...(pair.refusedUnseen.length === 0 ? {} : { unseen: pair.refusedUnseen }),
      });
      terminal.stderr.write(`${name}: accepted the break with ${pair.baseline.label}; commit ${path}\n`);
    }
  }
  for (const { message } of unloaded) terminal.stderr.write(`${message}\n`);
  return unloaded.length > 0 ? 2 : 0;
}

/** Only what the baseline has and no definition does can be accepted as gone. */
async function acceptRemovals(
  names: readonly string[],
  stamp: { date: string; gleaner: string; reason: string },
  settings: Settings<typeof schemaAcceptFlags>,
  terminal: Terminal,
): Promise<number> {
  const { report } = await runCheck([], settings);
  const [unloaded] = report.unloaded;
  if (unloaded !== undefined) {
    throw new GleanerError(
      'definition-unloadable',
      `Cannot accept a removal while a definition does not load, as it may be the one: ${unloaded.message}`,
    );
  }
  for (const name of names) {
    const removal = report.removed.find((one) => one.name === name);
    if (removal === undefined) {
      throw new GleanerError(
        'usage',
        `Cannot accept the removal of ${name}: ${report.against} has no ${name}, or a definition of that name is there`,
      );
    }
    const path = writeAcceptance(join(snapshotsFolder(settings), name), {
      name,
      ...stamp,
      ...sinceOf(removal.baseline),
      newHash: REMOVED,
      reader: report.reader,
      directions: [],
      rules: [REMOVED],
      fingerprints: [],
    });
    terminal.stderr.write(`${name}: accepted its removal; commit ${path}\n`);
  }
  return 0;
}

function sinceOf({ hash, number }: CheckedPair['baseline']): { oldHash: string; oldNumber?: number } {
  return { oldHash: hash, ...(number === undefined ? {} : { oldNumber: number }) };
}
