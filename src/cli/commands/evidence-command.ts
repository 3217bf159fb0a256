import { collectEvidence, type CollectedEvidence } from '../../evidence/collect-evidence.ts';
import { describeRates } from '../../evidence/describe-rates.ts';
import { findRun } from '../../export/find-run.ts';
import { loadDefinition } from '../../extraction/load-definition.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { counted } from '../../text/counted.ts';
import { visibleLine } from '../../text/visible.ts';
import { EXIT_CODES } from '../exit-code.ts';
import type { evidenceFlags } from '../settings/flags/quality-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `gleaner evidence <run-dir> [input]`: where the values of the results stand in their records. */
export async function evidenceCommand(
  [directory = '', input]: readonly string[],
  settings: Settings<typeof evidenceFlags>,
  terminal: Terminal,
): Promise<number> {
  const { extraction } = await loadDefinition(settings.text('definition') ?? definitionOf(directory));
  const collected = await collectEvidence(extraction, directory, { input });
  if (settings.isOn('json')) {
    terminal.stdout.write(`${JSON.stringify(collected, null, 2)}\n`);
    return EXIT_CODES.ok;
  }
  terminal.stdout.write(`${evidenceSummary(collected, directory)}\n`);
  return EXIT_CODES.ok;
}

/** The rates in a table, and where the evidence stands. */
export function evidenceSummary(collected: CollectedEvidence, directory: string): string {
  const lines = [
    describeRates(collected),
    `\nWrote the evidence for ${counted(collected.results, 'result')} to ${visibleLine(directory)}/evidence.jsonl`,
  ];
  if (collected.withoutRecord > 0) {
    lines.push(
      `${counted(collected.withoutRecord, 'result has', 'results have')} no evidence: the input holds no record of that id`,
    );
  }
  return lines.join('\n');
}

/** The definition that run.json names. */
export function definitionOf(directory: string): string {
  const { definition } = findRun(directory).manifest.settings;
  if (typeof definition === 'string') return definition;
  throw new GleanerError(
    'usage',
    `Cannot look for evidence in ${directory}: run.json does not name the definition; give it with --definition`,
  );
}
