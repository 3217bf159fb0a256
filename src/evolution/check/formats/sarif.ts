import { changeRules } from '../../changes/change-rules.ts';
import type { CheckReport } from '../check.ts';
import { reportNotes } from './describe-pair.ts';
import { findingsOf, type Finding } from './findings.ts';
import { visibleJson, visibleText } from './visible-text.ts';

const OTHER_RULES: Readonly<Record<string, string>> = {
  breaking: 'the schema allows or refuses other documents than before',
  unknown: 'it could not be decided whether the schemas are compatible',
  weakened: 'the definition demands less of edits than it did',
  'unseen-added': 'a refinement or transform is new, which no schema shows',
  'unseen-changed': 'a refinement or transform was edited or is gone, which no schema shows',
  'not-checked': 'a definition could not be loaded or compared',
  removed: 'a definition that results were written by is gone',
  note: 'something to know about a definition',
};

/** The report in SARIF 2.1.0, as code scanning services take it. */
export function formatSarif(report: CheckReport, version: string): string {
  const findings = findingsOf(report);
  const rules = [...new Set(findings.map(({ rule }) => rule))].sort();
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'gleaner',
            semanticVersion: version,
            rules: rules.map((id) => ({ id, shortDescription: { text: describeRule(id) } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { SRCROOT: { description: { text: 'The root of the repository' } } },
        results: findings.map((finding) => resultOf(finding, rules)),
        invocations: [
          {
            executionSuccessful: report.unloaded.length === 0,
            toolExecutionNotifications: reportNotes(report).map((text) => ({ level: 'warning', message: { text } })),
          },
        ],
      },
    ],
  };
  return `${visibleJson(JSON.stringify(log, null, 2))}\n`;
}

function resultOf(
  { rule, level, file, line, title, message, fingerprint, acceptedFor }: Finding,
  rules: readonly string[],
): object {
  return {
    ruleId: rule,
    ruleIndex: rules.indexOf(rule),
    level,
    message: { text: visibleText(`${title}\n${message}`, { keepLines: true }) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: 'SRCROOT' },
          region: { startLine: line },
        },
      },
    ],
    partialFingerprints: { 'gleanerChange/v1': fingerprint },
    // An accepted break stays on record without being an open alert.
    ...(acceptedFor === undefined
      ? {}
      : { suppressions: [{ kind: 'external', status: 'accepted', justification: acceptedFor }] }),
  };
}

function describeRule(id: string): string {
  return Object.hasOwn(changeRules, id) ? changeRules[id as keyof typeof changeRules].text : (OTHER_RULES[id] ?? id);
}
