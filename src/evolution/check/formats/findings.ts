import type { SchemaChange } from '../../changes/changes.ts';
import { adviceFor, failingChanges } from '../check-advice.ts';
import type { CheckReport, CheckedDefinition } from '../check.ts';
import { locateChange } from '../check-locate.ts';
import type { CheckedPair } from '../check-pair.ts';
import {
  aboutWitness,
  adviceLines,
  describeChange,
  describeRemoval,
  describeWeakening,
  notesOf,
  removalsOf,
  whoBreaks,
} from './describe-pair.ts';

/** One thing to show at a line of a definition's file. */
export interface Finding {
  /** The rule id of the change, or `breaking`, `unknown`, `note` where no single change is to blame. */
  readonly rule: string;
  readonly level: 'error' | 'warning' | 'note';
  readonly file: string;
  readonly line: number;
  readonly title: string;
  /** Several lines. */
  readonly message: string;
  readonly fingerprint: string;
  /** The reason for which a break was accepted. */
  readonly acceptedFor?: string;
}

/** The report as findings: each failing change at its property, else one for the whole schema; notes as warnings. */
export function findingsOf(report: CheckReport): Finding[] {
  const found = report.definitions.flatMap((definition) => [
    ...definition.pairs.flatMap((pair) => pairFindings(definition, pair, report)),
    ...noteFindings(definition),
  ]);
  const removed = removalsOf(report).map((removal): Finding => ({
    rule: 'removed',
    level: 'error',
    file: `schemas/${removal.name}.ts`,
    line: 1,
    title: `${removal.name}: removed`,
    message: describeRemoval(removal),
    fingerprint: `removed-${removal.name}`,
  }));
  return [...found, ...removed];
}

function pairFindings(definition: CheckedDefinition, pair: CheckedPair, report: CheckReport): Finding[] {
  if (pair.failing.length === 0 && pair.weakened === undefined) return [];
  const { candidate } = definition;
  const { name } = candidate.content;
  const base = {
    level: pair.acceptance === undefined ? 'error' : 'note',
    file: candidate.file,
    title: `${name}: ${pair.verdict} (${pair.failing.join(' and ') || 'compatibility'}) with ${pair.baseline.label}`,
    ...(pair.acceptance === undefined ? {} : { acceptedFor: pair.acceptance.reason }),
  } as const;
  const explanation = explain(pair, definition, report);
  const changes = failingChanges(pair);
  if (changes.length === 0) {
    const rule = pair.failing.length === 0 ? 'weakened' : pair.verdict === 'unknown' ? 'unknown' : 'breaking';
    const fingerprint = `${pair.baseline.hash.slice(0, 12)}-${candidate.content.hash.slice(0, 12)}`;
    return [{ ...base, rule, line: locateChange(candidate.source, ''), message: explanation, fingerprint }];
  }
  return changes.map((change: SchemaChange) => ({
    ...base,
    rule: change.rule,
    line: locateChange(candidate.source, change.pointer),
    message: `${describeChange(change)}\n${explanation}`,
    fingerprint: change.fingerprint,
  }));
}

function explain(pair: CheckedPair, definition: CheckedDefinition, report: CheckReport): string {
  const lines: string[] = [];
  const weakening = describeWeakening(pair);
  if (weakening !== undefined) lines.push(weakening);
  for (const direction of pair.failing) {
    const { witness, reasons } = pair[direction];
    lines.push(whoBreaks(pair, direction, report.reader));
    if (witness !== undefined) lines.push(`${aboutWitness(direction)}: ${JSON.stringify(witness)}`);
    lines.push(...reasons);
  }
  if (pair.acceptance !== undefined) lines.push(`Accepted on ${pair.acceptance.date}: ${pair.acceptance.reason}`);
  else lines.push(...adviceLines(adviceFor(definition, pair, report)));
  return lines.join('\n');
}

function noteFindings(definition: CheckedDefinition): Finding[] {
  const { candidate, verdict } = definition;
  const line = locateChange(candidate.source, '');
  return notesOf(definition).map((message) => ({
    rule: 'note',
    level: verdict === 'new' ? 'note' : 'warning',
    file: candidate.file,
    line,
    title: candidate.content.name,
    message,
    fingerprint: candidate.content.hash.slice(0, 12),
  }));
}
