import { adviceFor } from '../check-advice.ts';
import { isFailing, type CheckReport, type CheckedDefinition } from '../check.ts';
import type { CheckedPair } from '../check-pair.ts';
import {
  aboutWitness,
  describeRemoval,
  describeWeakening,
  notesOf,
  removalsOf,
  reportNotes,
  shortJson,
  whoBreaks,
} from './describe-pair.ts';

/** By it a bot finds the comment that it wrote before. */
const MARKER = '<!-- gleaner schema check -->';

const HEADINGS = {
  breaking: 'breaks',
  unknown: 'could not be decided',
  accepted: 'breaks, and that was accepted',
  compatible: 'is compatible',
  unchecked: 'is not checked',
  new: 'is new',
} as const;

/** A comment for the pull request, for people who do not know the tool. */
export function formatMarkdown(report: CheckReport): string {
  const lines = [MARKER, ''];
  lines.push(title(report), '');
  lines.push(
    `Each extraction in this repository has a schema that its results follow. They were compared with ${code(report.against)}.`,
    '',
  );
  for (const definition of report.definitions) {
    if (definition.verdict === 'compatible' && !hasNews(definition)) continue;
    lines.push(...section(definition, report));
  }
  const quiet = report.definitions.filter((definition) => definition.verdict === 'compatible' && !hasNews(definition));
  if (quiet.length > 0)
    lines.push(`Without a change: ${quiet.map(({ candidate }) => code(candidate.content.name)).join(', ')}`, '');
  for (const removal of removalsOf(report)) {
    lines.push(`### ${code(removal.name)} is gone`, '', escapeMarkdown(describeRemoval(removal)), '');
  }
  for (const note of reportNotes(report)) lines.push(`> ${escapeMarkdown(note)}`, '');
  return lines.join('\n');
}

function title(report: CheckReport): string {
  const failing = report.definitions.filter(isFailing);
  const gone = removalsOf(report).map(({ name }) => code(name));
  const names = [...failing.map(({ candidate }) => code(candidate.content.name)), ...gone].join(', ');
  if (gone.length > 0) return `## This change breaks readers of ${names}`;
  if (failing.length === 0) return '## The schemas stay compatible';
  return failing.every(({ verdict }) => verdict === 'unknown')
    ? `## Whether this change breaks readers of ${names} could not be decided`
    : `## This change breaks readers of ${names}`;
}

function hasNews(definition: CheckedDefinition): boolean {
  return definition.pairs.some(({ changes }) => changes.length > 0) || notesOf(definition).length > 0;
}

function section(definition: CheckedDefinition, report: CheckReport): string[] {
  const { candidate, verdict, pairs } = definition;
  const lines = [`### ${code(candidate.content.name)} ${HEADINGS[verdict]}`, ''];
  for (const pair of pairs) {
    if (pairs.length > 1 && pair.verdict === 'compatible' && verdict !== 'compatible') continue;
    lines.push(...pairSection(definition, pair, report));
    if (verdict === 'compatible') break;
  }
  for (const note of notesOf(definition)) lines.push(`> ${escapeMarkdown(note)}`, '');
  return lines;
}

function pairSection(definition: CheckedDefinition, pair: CheckedPair, report: CheckReport): string[] {
  const lines = [`Compared with ${pair.baseline.label}.`, '', ...changeTable(pair)];
  const weakening = describeWeakening(pair);
  if (weakening !== undefined) lines.push('**What is demanded**', '', `${escapeMarkdown(weakening)}.`, '');
  if (pair.failing.length > 0) lines.push('**Who breaks**', '');
  for (const direction of pair.failing) {
    const { witness, reasons } = pair[direction];
    lines.push(`${whoBreaks(pair, direction, report.reader)}.`, '');
    if (witness !== undefined)
      lines.push(`${aboutWitness(direction)}:`, '', ...fence(JSON.stringify(witness, null, 2), 'json'), '');
    if (reasons.length > 0) lines.push(...list(reasons), '');
  }
  if (pair.acceptance !== undefined) {
    lines.push(
      `**Accepted** on ${escapeMarkdown(pair.acceptance.date)}: ${escapeMarkdown(pair.acceptance.reason)}`,
      '',
    );
  }
  const advice = adviceFor(definition, pair, report);
  if (advice === undefined) return lines;
  lines.push('**What to do**', '');
  if (advice.mend.length > 0) lines.push('To stay compatible:', '', ...list(advice.mend), '');
  if (advice.instead.length > 0) lines.push('Or one of these:', '', ...list(advice.instead), '');
  return lines;
}

function changeTable({ changes }: CheckedPair): string[] {
  if (changes.length === 0) return [];
  const lines = ['**What changed**', '', '| Where | What | Before | After |', '| --- | --- | --- | --- |'];
  for (const { pointer, rule, text, before, after, renamedTo, renamedFrom } of changes) {
    const rename = renamedTo ?? renamedFrom;
    const hint = rename === undefined ? '' : `; a rename ${renamedTo === undefined ? 'of' : 'to'} ${code(rename)}?`;
    const cells = [code(pointer === '' ? '/' : pointer), `${text} (${code(rule)})${hint}`];
    for (const value of [before, after]) cells.push(value === undefined ? '' : code(shortJson(value)));
    lines.push(`| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`);
  }
  return [...lines, ''];
}

function list(sentences: readonly string[]): string[] {
  return sentences.map((sentence) => `- ${escapeMarkdown(sentence)}`);
}

/** Inline code; a fence longer than any run of backticks inside cannot be left. */
function code(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ');
  const ticks = '`'.repeat(longestRun(flat) + 1);
  return flat.startsWith('`') || flat.endsWith('`') ? `${ticks} ${flat} ${ticks}` : `${ticks}${flat}${ticks}`;
}

function fence(text: string, language: string): string[] {
  const ticks = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return [`${ticks}${language}`, text, ticks];
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

/** Names and reasons come from outside: they must not become markup, links or mentions. */
function escapeMarkdown(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_[\]<>#|~]/g, '\\$&')
    .replaceAll('@', '@\u200B');
}
