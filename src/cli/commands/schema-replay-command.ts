import { plainLine } from '../../evolution/check/formats/plain-line.ts';
import { replayResults, type ReplayReport } from '../../evolution/replay/replay.ts';
import { inputSchemaOf } from '../../evolution/check/snapshot.ts';
import { snapshotOf } from '../../evolution/check/snapshot-of.ts';
import { loadDefinition } from '../../extraction/load-definition.ts';
import { readerOf } from './schema-gate-settings.ts';
import type { schemaReplayFlags } from '../settings/flags/schema-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `gleaner schema replay <definition> <results.jsonl>...`: 0 where every stored result is valid, 1 where one is not. */
export async function schemaReplayCommand(
  [reference = '', ...results]: readonly string[],
  settings: Settings<typeof schemaReplayFlags>,
  terminal: Terminal,
): Promise<number> {
  const { extraction } = await loadDefinition(reference);
  const content = await snapshotOf(extraction);
  const reader = readerOf(settings);
  // Results are what the schema wrote. One that transforms would be given its own output to transform again.
  const transforms = content.unseen.filter(({ kind }) => kind === 'transform' || kind === 'preprocess');
  const checkedWith =
    transforms.length === 0
      ? 'the JSON Schema, and the zod schema with its refinements'
      : `the JSON Schema only: zod is not asked, as the schema has a ${transforms.map(({ kind, path }) => `${kind} at ${path === '' ? 'the root' : path}`).join(', a ')}`;
  const report = await replayResults(results, {
    schema: reader === 'zod' ? inputSchemaOf(content) : content.schema,
    ...(transforms.length === 0 ? { zodSchema: extraction.schema } : {}),
  });
  if (settings.text('format') === 'json') {
    const value = { format: 'gleaner.schema-replay/1', definition: content.name, reader, checkedWith, ...report };
    terminal.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }
  terminal.stderr.write(describe(content.name, checkedWith, report));
  return report.failed === 0 ? 0 : 1;
}

const numbers = new Intl.NumberFormat('en-US');

function describe(name: string, checkedWith: string, report: ReplayReport): string {
  const { rows, failed, problems, unlisted, torn } = report;
  const lines = [
    failed === 0
      ? `${name}: all ${numbers.format(rows)} results are valid`
      : `${name}: ${numbers.format(failed)} of ${numbers.format(rows)} results are refused`,
    `  checked with ${checkedWith}`,
  ];
  for (const { path, rule, message, rows: count, file, line } of problems) {
    lines.push(
      `  ${numbers.format(count)} x ${path === '' ? '/' : path} ${message} (${rule}), first at ${file}:${line}`,
    );
  }
  if (unlisted > 0) lines.push(`  and ${numbers.format(unlisted)} more, of too many kinds to list`);
  for (const file of torn) lines.push(`  note: the last line of ${file} is cut off and was left out`);
  return `${lines.map(plainLine).join('\n')}\n`;
}
