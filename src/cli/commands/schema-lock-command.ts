import { join } from 'node:path';
import { compareUnseen } from '../../evolution/check/check-unseen.ts';
import { lockSnapshot } from '../../evolution/check/snapshot-folder.ts';
import type { Snapshot } from '../../evolution/check/snapshot.ts';
import { version } from '../../packages/version.ts';
import { loadCandidates, nothingFound, today } from './schema-candidates.ts';
import type { schemaLockFlags } from '../settings/flags/schema-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `gleaner schema lock [<definition>...]`: writes the next snapshot of each definition that changed. */
export async function schemaLockCommand(
  references: readonly string[],
  settings: Settings<typeof schemaLockFlags>,
  terminal: Terminal,
): Promise<number> {
  const stamp = { date: today(), gleaner: version() };
  const found = await loadCandidates(references, settings);
  if (found.candidates.length === 0) throw nothingFound(found);
  for (const { content, folder } of found.candidates) {
    const { previous, written } = await lockSnapshot(folder, content, stamp);
    terminal.stderr.write(
      written === undefined
        ? `${content.name}: unchanged since snapshot ${previous?.number ?? 0}\n`
        : `${content.name}: wrote ${join(folder, `${written.number}.json`)}${whatChanged(previous, written)}\n`,
    );
  }
  for (const { message } of found.unloaded) terminal.stderr.write(`${message}\n`);
  return found.unloaded.length > 0 ? 2 : 0;
}

function whatChanged(previous: Snapshot | undefined, written: Snapshot): string {
  if (previous === undefined) return ', the first';
  const changed: string[] = [];
  if (previous.hash !== written.hash) changed.push('schema');
  else if (JSON.stringify(previous.inputSchema) !== JSON.stringify(written.inputSchema))
    changed.push('input side of the schema');
  if (previous.promptHash !== written.promptHash) changed.push('instructions or prompt');
  if (previous.compatibility !== undefined && previous.compatibility !== written.compatibility)
    changed.push('compatibility');
  if (compareUnseen(previous.unseen, written.unseen).length > 0) changed.push('refinements or transforms');
  return `, as these changed: ${changed.join(', ')}`;
}
