import type { JsonValue } from '../../../json/value.ts';
import { adviceFor } from '../check-advice.ts';
import { isFailing, type CheckReport, type CheckedDefinition } from '../check.ts';
import type { CheckedPair } from '../check-pair.ts';
import {
  aboutWitness,
  describePolicy,
  describeRemoval,
  nameSome,
  notesOf,
  removalsOf,
  reportNotes,
  shortJson,
  whoBreaks,
} from './describe-pair.ts';
import { visibleJson, visibleText } from './visible-text.ts';

/** By it a bot finds the comment that it wrote before. */
const MARKER = '<!-- gleaner schema check -->';

/** GitHub refuses comments of more than 65,536 characters. */
const MOST_OF_COMMENT = 65_000;
const MOST_OF_SECTIONS = 50_000;

/** More rows are more than anybody reads. */
const MOST_ROWS = 50;

/** Longer documents stand in the log and in the JSON format. */
const LONGEST_WITNESS = 4000;

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
  for (const removal of removalsOf(report).slice(0, MOST_ROWS)) {
    lines.push(`### ${code(removal.name)} is gone`, '', escapeMarkdown(describeRemoval(removal, report)), '');
  }
  for (const { reference, message } of report.unloaded.slice(0, MOST_ROWS)) {
    lines.push(`### ${code(reference)} was not checked`, '', escapeMarkdown(message), '');
  }
  const loud = report.definitions.filter((definition) => definition.verdict !== 'compatible' || hasNews(definition));
  let length = lines.join('\n').length;
  const unshown: string[] = [];
  // What fails comes first, as a comment has an end.
  for (const definition of [...loud.filter(isFailing), ...loud.filter((other) => !isFailing(other))]) {
    const text = section(definition, report);
    length += text.join('\n').length + 1;
    if (length > MOST_OF_SECTIONS) unshown.push(`${definition.candidate.content.name} (${definition.verdict})`);
    else lines.push(...text);
  }
  if (unshown.length > 0)
    lines.push(`No room is left for ${escapeMarkdown(nameSome(unshown, 100))}: see the log of the check.`, '');
  const quiet = report.definitions.filter((definition) => definition.verdict === 'compatible' && !hasNews(definition));
  if (quiet.length > 0)
    lines.push(
      `Without a change: ${nameSome(
        quiet.map(({ candidate }) => code(candidate.content.name)),
        50,
      )}`,
      '',
    );
  for (const note of reportNotes(report)) lines.push(`> ${escapeMarkdown(note)}`, '');
  const text = lines.join('\n');
  return text.length > MOST_OF_COMMENT ? `${text.slice(0, MOST_OF_COMMENT)}\n\n(cut here)\n` : text;
}

function title(report: CheckReport): string {
  const failing = report.definitions.filter(isFailing);
  const gone = removalsOf(report).map(({ name }) => code(name));
  const names = nameSome([...failing.map(({ candidate }) => code(candidate.content.name)), ...gone]);
  if (gone.length > 0) return `## This change breaks readers of ${names}`;
  if (failing.length === 0 && report.unloaded.length > 0) return '## Not every definition could be checked';
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
  const policy = describePolicy(pair);
  if (policy.length > 0) lines.push('**What the check would not see**', '', ...list(policy), '');
  if (pair.failing.length > 0) lines.push('**Who breaks**', '');
  for (const direction of pair.failing) {
    const { witness, reasons } = pair[direction];
    lines.push(`${whoBreaks(pair, direction, report.reader)}.`, '');
    if (witness !== undefined)
      lines.push(`${aboutWitness(direction)}:`, '', ...fence(witnessText(witness), 'json'), '');
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

function witnessText(witness: JsonValue): string {
  const text = visibleJson(JSON.stringify(witness, null, 2));
  return text.length > LONGEST_WITNESS ? `${text.slice(0, LONGEST_WITNESS)}...` : text;
}

function changeTable({ changes }: CheckedPair): string[] {
  if (changes.length === 0) return [];
  const lines = ['**What changed**', '', '| Where | What | Before | After |', '| --- | --- | --- | --- |'];
  for (const { pointer, rule, text, before, after, renamedTo, renamedFrom } of changes.slice(0, MOST_ROWS)) {
    const rename = renamedTo ?? renamedFrom;
    const hint = rename === undefined ? '' : `; a rename ${renamedTo === undefined ? 'of' : 'to'} ${code(rename)}?`;
    const cells = [code(pointer === '' ? '/' : pointer), `${text} (${code(rule)})${hint}`];
    for (const value of [before, after]) cells.push(value === undefined ? '' : code(shortJson(value)));
    lines.push(`| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`);
  }
  if (changes.length > MOST_ROWS) lines.push('', `And ${changes.length - MOST_ROWS} more.`);
  return [...lines, ''];
}

function list(sentences: readonly string[]): string[] {
  const shown = sentences.slice(0, MOST_ROWS);
  if (sentences.length > MOST_ROWS) shown.push(`and ${sentences.length - MOST_ROWS} more`);
  return shown.map((sentence) => `- ${escapeMarkdown(sentence)}`);
}

/** Inline code; a fence longer than any run of backticks inside cannot be left. */
function code(text: string): string {
  const flat = visibleText(text.replaceAll(/[ \t\r\n]+/g, ' '));
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
  return visibleText(text.replaceAll(/[ \t\r\n]+/g, ' '))
    .replaceAll(/[\\`*_[\]<>#|~]/g, '\\$&')
    .replaceAll('@', '@\u200B');
}
