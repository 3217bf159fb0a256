import type { SchemaChange } from '../../changes/changes.ts';
import { isJsonObject, type JsonValue } from '../../../json/value.ts';
import { adviceFor, failingChanges, mendOf } from '../check-advice.ts';
import type { CheckReport, CheckedDefinition } from '../check.ts';
import { locateChange, propertyNames } from '../check-locate.ts';
import type { CheckedPair } from '../check-pair.ts';
import {
  aboutWitness,
  adviceLines,
  describeChange,
  describeRemoval,
  describeWeakening,
  notesOf,
  removalsOf,
  shortJson,
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
  // What holds for all of them stands at the first; repeated at each, it would grow as their square.
  return changes.map((change: SchemaChange, index) => ({
    ...base,
    rule: change.rule,
    line: locateChange(candidate.source, change.pointer),
    message: [...ownLines(change, pair), ...(index === 0 ? [explanation] : [])].join('\n'),
    fingerprint: change.fingerprint,
  }));
}

/** One change, what of the witness it is about, and what would mend it. */
function ownLines(change: SchemaChange, pair: CheckedPair): string[] {
  const lines = [describeChange(change)];
  const names = propertyNames(change.pointer);
  for (const direction of pair.failing) {
    if (names.length === 0 || !change.affects.includes(direction)) continue;
    const value = valueAt(pair[direction].witness, names);
    if (value !== undefined) lines.push(`In the document that is refused, ${names.join('.')} is ${shortJson(value)}`);
  }
  if (pair.acceptance === undefined && change.renamedFrom === undefined)
    lines.push(`To stay compatible: ${mendOf(change, pair.failing)}`);
  return lines;
}

function valueAt(document: JsonValue | undefined, names: readonly string[]): JsonValue | undefined {
  let value = document;
  for (const name of names) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** Longer documents stand in the text and JSON formats. */
const LONGEST_WITNESS = 4000;

function explain(pair: CheckedPair, definition: CheckedDefinition, report: CheckReport): string {
  const lines: string[] = [];
  const weakening = describeWeakening(pair);
  if (weakening !== undefined) lines.push(weakening);
  for (const direction of pair.failing) {
    const { witness, reasons } = pair[direction];
    lines.push(whoBreaks(pair, direction, report.reader));
    if (witness !== undefined) lines.push(`${aboutWitness(direction)}: ${shortJson(witness, LONGEST_WITNESS)}`);
    lines.push(...reasons);
  }
  if (pair.acceptance !== undefined) lines.push(`Accepted on ${pair.acceptance.date}: ${pair.acceptance.reason}`);
  else {
    const advice = adviceFor(definition, pair, report);
    const isTold = failingChanges(pair).length > 0;
    lines.push(...adviceLines(advice === undefined || !isTold ? advice : { ...advice, mend: [] }));
  }
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
