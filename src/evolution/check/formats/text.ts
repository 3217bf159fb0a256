import { adviceFor, failingChanges } from '../check-advice.ts';
import { locateChange } from '../check-locate.ts';
import type { CheckReport, CheckedDefinition } from '../check.ts';
import type { SchemaChange } from '../../changes/changes.ts';
import type { CheckedPair } from '../check-pair.ts';
import {
  aboutWitness,
  describeChange,
  describePolicy,
  describeRemoval,
  notesOf,
  removalsOf,
  reportNotes,
  shortJson,
  summaryLine,
  whoBreaks,
} from './describe-pair.ts';
import { plainLine } from './plain-line.ts';

/** The most changes, and the most pieces of advice, of one comparison; nobody reads more in a terminal. */
const MOST = 200;

/** The report for a terminal. */
export function formatText(report: CheckReport): string {
  const lines = report.definitions.flatMap((definition) => definitionLines(definition, report));
  for (const removal of removalsOf(report)) {
    lines.push(`${removal.name}: removed`, `  ${describeRemoval(removal, report)}`);
  }
  for (const { reference, message } of report.unloaded) lines.push(`${reference}: not checked`, `  ${message}`);
  for (const note of reportNotes(report)) lines.push(`note: ${note}`);
  lines.push(summaryLine(report));
  return `${lines.map(plainLine).join('\n')}\n`;
}

function definitionLines(definition: CheckedDefinition, report: CheckReport): string[] {
  const { candidate, pairs, verdict } = definition;
  const lines: string[] = [];
  if (verdict === 'new') lines.push(`${candidate.content.name}: new`);
  for (const pair of pairs) {
    // With every snapshot compared, the ones that hold say nothing of interest.
    if (pairs.length > 1 && pair.verdict === 'compatible' && verdict !== 'compatible') continue;
    lines.push(`${candidate.content.name}: ${pair.verdict} with ${pair.baseline.label} (${candidate.mode})`);
    lines.push(...pairLines(pair, definition, report));
    if (verdict === 'compatible' && pairs.length > 1) {
      lines.push(`  and with ${pairs.length - 1} older`);
      break;
    }
  }
  for (const note of notesOf(definition)) lines.push(`  note: ${note}`);
  return lines;
}

function pairLines(pair: CheckedPair, definition: CheckedDefinition, report: CheckReport): string[] {
  const lines = describePolicy(pair).map((sentence) => `  ${sentence}`);
  for (const direction of pair.failing) {
    const { witness, reasons } = pair[direction];
    lines.push(`  ${direction}: ${whoBreaks(pair, direction, report.reader)}`);
    if (witness !== undefined) lines.push(`    ${aboutWitness(direction)}:`, `      ${JSON.stringify(witness)}`);
    for (const reason of reasons) lines.push(`      ${reason}`);
  }
  for (const direction of ['backward', 'forward'] as const) {
    const { verdict, witness } = pair[direction];
    if (verdict === 'compatible' || pair.failing.includes(direction)) continue;
    const shown = witness === undefined ? '' : `, such as for ${shortJson(witness)}`;
    lines.push(`  ${direction}: ${verdict}${shown}; the mode ${definition.candidate.mode} allows that`);
  }
  if (pair.acceptance !== undefined) lines.push(`  accepted on ${pair.acceptance.date}: ${pair.acceptance.reason}`);
  const failing = new Set(failingChanges(pair));
  const { file, source } = definition.candidate;
  const shown = pair.changes.length > MOST ? foremost(pair.changes, failing) : pair.changes;
  for (const change of shown) {
    const place = failing.has(change) ? `  (${file}:${locateChange(source, change.pointer)})` : '';
    lines.push(
      `  ${failing.has(change) ? '!' : change.severity === 'prompt' ? 'prompt' : '-'} ${describeChange(change)}${place}`,
    );
  }
  if (shown.length < pair.changes.length)
    lines.push(`  and ${pair.changes.length - shown.length} more changes; --format json has all of them`);
  const advice = adviceFor(definition, pair, report);
  if (advice !== undefined) {
    if (advice.mend.length > 0) lines.push('  to stay compatible:', ...adviceItems(advice.mend));
    if (advice.instead.length > 0) lines.push('  or one of:', ...advice.instead.map((sentence) => `    - ${sentence}`));
  }
  return lines;
}

/** As many changes as are shown, those that fail before all others. */
function foremost(changes: readonly SchemaChange[], failing: ReadonlySet<SchemaChange>): readonly SchemaChange[] {
  const first = changes.filter((change) => failing.has(change));
  return [...first, ...changes.filter((change) => !failing.has(change))].slice(0, MOST);
}

function adviceItems(mend: readonly string[]): string[] {
  const items = mend.slice(0, MOST).map((sentence) => `    - ${sentence}`);
  return mend.length > MOST ? [...items, `    - and ${mend.length - MOST} more of the kind`] : items;
}
