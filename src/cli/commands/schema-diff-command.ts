import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { baselineFromText, type BaselineSchema } from '../../evolution/check/baseline-schema.ts';
import { checkDefinitions, isFailing } from '../../evolution/check/check.ts';
import { readText } from '../../evolution/check/snapshot-folder.ts';
import { snapshotOf } from '../../evolution/check/snapshot-of.ts';
import type { CompatibilityMode } from '../../extraction/definition.ts';
import { loadDefinition } from '../../extraction/load-definition.ts';
import { fromRepositoryRoot, referenceOf } from './schema-candidates.ts';
import { budgetOf, writeReport } from './schema-check-command.ts';
import { readerOf } from './schema-gate-settings.ts';
import type { schemaDiffFlags } from '../settings/flags/schema-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `gleaner schema diff <old> <new>`: each a definition, a snapshot or a JSON Schema file. */
export async function schemaDiffCommand(
  [oldReference = '', newReference = '']: readonly string[],
  settings: Settings<typeof schemaDiffFlags>,
  terminal: Terminal,
): Promise<number> {
  const older = await readSide(oldReference);
  const newer = await readSide(newReference);
  const candidate = {
    content: newer.schema,
    reference: newReference,
    file: fromRepositoryRoot(newer.path),
    source: newer.source,
    mode: (settings.text('mode') as CompatibilityMode | undefined) ?? newer.mode,
    acceptances: [],
    locked: null,
  };
  const baseline = {
    label: older.schema.label,
    schemas: new Map([[newer.schema.name, [older.schema]]]),
    others: new Map(),
  };
  const report = checkDefinitions([candidate], baseline, {
    reader: readerOf(settings),
    againstOption: oldReference,
    ...budgetOf(settings),
  });
  writeReport(report, settings, terminal);
  return report.definitions.some(isFailing) ? 1 : 0;
}

interface Side {
  readonly schema: BaselineSchema;
  /** Absolute. */
  readonly path: string;
  readonly source: string;
  readonly mode: CompatibilityMode;
}

async function readSide(reference: string): Promise<Side> {
  if (/\.json$/i.test(reference)) {
    const source = await readText(reference);
    const schema = baselineFromText(source, reference, basename(reference).replace(/(\.schema)?\.json$/i, ''));
    return { schema, path: resolve(reference), source, mode: 'backward' };
  }
  const definition = await loadDefinition(reference);
  const { extraction, path } = definition;
  const shown = referenceOf(definition);
  return {
    schema: { ...(await snapshotOf(extraction)), label: shown, path: shown },
    path,
    source: await readFile(path, 'utf8'),
    mode: extraction.compatibility ?? 'backward',
  };
}
