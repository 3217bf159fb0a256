import { join } from 'node:path';
import { lockSnapshot } from '../../evolution/check/snapshot-folder.ts';
import type { Snapshot } from '../../evolution/check/snapshot.ts';
import { version } from '../../version.ts';
import { loadCandidates, snapshotsFolder, today } from './schema-candidates.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `gleaner schema lock [<definition>...]`: writes the next snapshot of each definition that changed. */
export async function schemaLockCommand(
  references: readonly string[],
  settings: Settings,
  terminal: Terminal,
): Promise<number> {
  const stamp = { date: today(), gleaner: version() };
  for (const { content } of await loadCandidates(references, settings)) {
    const folder = join(snapshotsFolder(settings), content.name);
    const { previous, written } = await lockSnapshot(folder, content, stamp);
    terminal.stderr.write(
      written === undefined
        ? `${content.name}: unchanged since snapshot ${previous?.number ?? 0}\n`
        : `${content.name}: wrote ${join(folder, `${written.number}.json`)}${whatChanged(previous, written)}\n`,
    );
  }
  return 0;
}

function whatChanged(previous: Snapshot | undefined, written: Snapshot): string {
  if (previous === undefined) return ', the first';
  const changed: string[] = [];
  if (previous.hash !== written.hash) changed.push('schema');
  else if (JSON.stringify(previous.inputSchema) !== JSON.stringify(written.inputSchema))
    changed.push('input side of the schema');
  if (previous.promptHash !== written.promptHash) changed.push('instructions or prompt');
  if (JSON.stringify(previous.unseen) !== JSON.stringify(written.unseen)) changed.push('refinements or transforms');
  return `, as these changed: ${changed.join(', ')}`;
}
