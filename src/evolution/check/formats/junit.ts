import { adviceFor } from '../check-advice.ts';
import { isFailing, type CheckReport, type CheckedDefinition } from '../check.ts';
import {
  aboutWitness,
  adviceLines,
  describeChange,
  describeRemoval,
  describeWeakening,
  notesOf,
  removalsOf,
  reportNotes,
  whoBreaks,
} from './describe-pair.ts';
import { visibleText } from './visible-text.ts';

/** The report as JUnit XML: one test case for each definition. */
export function formatJunit(report: CheckReport): string {
  const { definitions, against } = report;
  const removed = removalsOf(report);
  const failures = definitions.filter(isFailing).length + removed.length;
  const counts = `tests="${definitions.length + removed.length}" failures="${failures}" errors="0" skipped="0"`;
  const notes = reportNotes(report);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="gleaner schema check" ${counts}>`,
    `  <testsuite name="${escapeAttribute(`schemas against ${against}`)}" ${counts}>`,
    ...definitions.map((definition) => testCase(definition, report)),
    ...removed.map(
      (removal) =>
        `    <testcase name="${escapeXml(removal.name)}" classname="gleaner.schemas"><failure type="removed" message="${escapeXml(describeRemoval(removal))}"/></testcase>`,
    ),
    ...(notes.length === 0 ? [] : [`    <system-out>${escapeXml(notes.join('\n'))}</system-out>`]),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(definition: CheckedDefinition, report: CheckReport): string {
  const { candidate, verdict } = definition;
  const { name } = candidate.content;
  const open = `    <testcase name="${escapeAttribute(name)}" classname="gleaner.schemas" file="${escapeAttribute(candidate.file)}">`;
  const notes = [`${verdict} (${candidate.mode})`, ...notesOf(definition)];
  const parts: string[] = [];
  if (isFailing(definition)) {
    const text = definition.pairs.flatMap((pair) => [
      ...[describeWeakening(pair)].filter((sentence) => sentence !== undefined),
      ...pair.failing.flatMap((direction) => {
        const { witness, reasons } = pair[direction];
        return [
          `${direction}, with ${pair.baseline.label}: ${whoBreaks(pair, direction, report.reader)}`,
          ...(witness === undefined ? [] : [`${aboutWitness(direction)}: ${JSON.stringify(witness)}`]),
          ...reasons,
        ];
      }),
    ]);
    for (const pair of definition.pairs) {
      if (pair.failing.length > 0 || pair.weakened !== undefined)
        text.push(...pair.changes.map(describeChange), ...adviceLines(adviceFor(definition, pair, report)));
    }
    const message = `${name} is ${verdict}: ${text[0] ?? ''}`;
    parts.push(
      `      <failure type="${verdict}" message="${escapeAttribute(message)}">${escapeXml(text.join('\n'))}</failure>`,
    );
  }
  parts.push(`      <system-out>${escapeXml(notes.join('\n'))}</system-out>`);
  return [open, ...parts, '    </testcase>'].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // A reader makes blanks of line breaks in attributes that are written as such.
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** XML 1.0 has no way to write most control characters and lone surrogates, so they are replaced. */
function escapeXml(text: string): string {
  return visibleText(text, { keepLines: true })
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll(/[&<>"'\r]/g, (char) => ENTITIES[char] ?? char);
}

function escapeAttribute(text: string): string {
  return escapeXml(text).replaceAll(/[\t\n]/g, (char) => ENTITIES[char] ?? char);
}
