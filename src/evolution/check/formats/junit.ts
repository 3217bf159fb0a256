import { adviceFor } from '../check-advice.ts';
import { hasFailure } from '../check-pair.ts';
import { isFailing, type CheckReport, type CheckedDefinition } from '../check.ts';
import {
  aboutWitness,
  adviceLines,
  describeChange,
  describePolicy,
  describeRemoval,
  notesOf,
  removalsOf,
  reportNotes,
  whoBreaks,
} from './describe-pair.ts';
import { plainLine } from './plain-line.ts';
import { visibleText } from './visible-text.ts';

/** The report as JUnit XML: one test case for each definition. */
export function formatJunit(report: CheckReport): string {
  const { definitions, against, unloaded } = report;
  const removed = removalsOf(report);
  const failures = definitions.filter(isFailing).length + removed.length;
  const tests = definitions.length + removed.length + unloaded.length;
  const counts = `tests="${tests}" failures="${failures}" errors="${unloaded.length}" skipped="0"`;
  const notes = reportNotes(report);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="gleaner schema check" ${counts}>`,
    `  <testsuite name="${escapeAttribute(`schemas against ${against}`)}" ${counts}>`,
    ...definitions.map((definition) => testCase(definition, report)),
    ...removed.flatMap((removal) => [
      openCase(removal.name, removal.baseline.path),
      `      <failure type="removed" message="${escapeAttribute(describeRemoval(removal, report))}"/>`,
      '    </testcase>',
    ]),
    ...unloaded.flatMap(({ reference, file, message }) => [
      openCase(reference, file),
      `      <error type="not-checked" message="${escapeAttribute(message)}"/>`,
      '    </testcase>',
    ]),
    ...(notes.length === 0 ? [] : [`    <system-out>${escapeLines(notes)}</system-out>`]),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(definition: CheckedDefinition, report: CheckReport): string {
  const { candidate, verdict } = definition;
  const { name } = candidate.content;
  const accepted = definition.pairs.flatMap(({ acceptance }) =>
    acceptance === undefined ? [] : [`Accepted on ${acceptance.date}: ${acceptance.reason}`],
  );
  const notes = [`${verdict} (${candidate.mode})`, ...accepted, ...notesOf(definition)];
  const parts: string[] = [];
  if (isFailing(definition)) {
    const text = definition.pairs.flatMap((pair) => [
      ...describePolicy(pair),
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
      if (hasFailure(pair))
        text.push(...pair.changes.map(describeChange), ...adviceLines(adviceFor(definition, pair, report)));
    }
    const message = `${name} is ${verdict}: ${text[0] ?? ''}`;
    parts.push(`      <failure type="${verdict}" message="${escapeAttribute(message)}">${escapeLines(text)}</failure>`);
  }
  parts.push(`      <system-out>${escapeLines(notes)}</system-out>`);
  return [openCase(name, candidate.file), ...parts, '    </testcase>'].join('\n');
}

function openCase(name: string, file: string): string {
  return `    <testcase name="${escapeAttribute(name)}" classname="gleaner.schemas" file="${escapeAttribute(file)}">`;
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

/** A line end in a name would let what follows it pass for a command of a CI runner that shows the report in its log. */
function escapeLines(lines: readonly string[]): string {
  return escapeXml(lines.map(plainLine).join('\n'));
}

function escapeAttribute(text: string): string {
  return escapeXml(text).replaceAll(/[\t\n]/g, (char) => ENTITIES[char] ?? char);
}
