import type { RemovedDefinition } from '../removed-definition.ts';
import type { SchemaChange } from '../../changes/changes.ts';
import { pointerToken } from '../../../json/pointer.ts';
import { isJsonObject, type JsonValue } from '../../../json/value.ts';
import { adviceFor, failingChanges, mendOf } from '../check-advice.ts';
import type { CheckReport, CheckedDefinition } from '../check.ts';
import { locateChange, propertyNames } from '../check-locate.ts';
import { hasFailure, type CheckedPair } from '../check-pair.ts';
import {
  aboutWitness,
  adviceLines,
  describeChange,
  describePolicy,
  describeRemoval,
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
    file: fileOfRemoval(removal, report),
    line: 1,
    title: `${removal.name}: ${removal.renamedTo === undefined ? 'removed' : `renamed to ${removal.renamedTo}`}`,
    message: describeRemoval(removal, report),
    fingerprint: `${removal.baseline.hash.slice(0, 12)}-removed`,
  }));
  const unchecked = report.unloaded.map(({ reference, file, message }): Finding => ({
    rule: 'not-checked',
    level: 'error',
    file,
    line: 1,
    title: `${reference}: not checked`,
    message,
    fingerprint: `not-checked-${file}`,
  }));
  return [...unchecked, ...found, ...removed];
}

/** The file under the new name, else what is left of the old one in the baseline. */
function fileOfRemoval({ renamedTo, baseline }: RemovedDefinition, { definitions }: CheckReport): string {
  const renamed = definitions.find(({ candidate }) => candidate.content.name === renamedTo);
  return renamed?.candidate.file ?? baseline.path.split('\\').join('/');
}

function pairFindings(definition: CheckedDefinition, pair: CheckedPair, report: CheckReport): Finding[] {
  if (!hasFailure(pair)) return [];
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
    const fingerprint = `${pair.baseline.hash.slice(0, 12)}-${candidate.content.hash.slice(0, 12)}`;
    const [unseen] = pair.weakened === undefined && pair.failing.length === 0 ? pair.refusedUnseen : [];
    const line = locateChange(candidate.source, unseen === undefined ? '' : pointerOf(unseen.path));
    return [{ ...base, rule: ruleOf(pair), line, message: explanation, fingerprint }];
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

function ruleOf({ failing, weakened, refusedUnseen, verdict }: CheckedPair): string {
  if (failing.length > 0) return verdict === 'unknown' ? 'unknown' : 'breaking';
  if (weakened !== undefined) return 'weakened';
  return refusedUnseen.every(({ change }) => change === 'new') ? 'unseen-added' : 'unseen-changed';
}

/** The properties of a path such as `lines[].price`, as in a pointer. */
function pointerOf(path: string): string {
  const names = path.split('.').map((step) => step.replace(/(?:\[\d*\]|\{\})+$/, ''));
  return names.map((name) => `/properties/${pointerToken(name)}`).join('');
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
  const lines = describePolicy(pair);
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
