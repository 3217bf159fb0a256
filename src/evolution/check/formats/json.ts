import type { StoredAcceptance } from '../accept-record.ts';
import { adviceFor, failingChanges } from '../check-advice.ts';
import { isReportFailing, type CheckReport } from '../check.ts';
import { locateChange } from '../check-locate.ts';
import { describeRemoval, notesOf, reportNotes } from './describe-pair.ts';
import { visibleJson } from './visible-text.ts';

/** The report as one JSON object. Members may be added; `format` changes where one changes its meaning. */
export function formatJson(report: CheckReport): string {
  const { definitions, against, reader } = report;
  const value = {
    format: 'gleaner.schema-check/1',
    isOk: !isReportFailing(report),
    against,
    reader,
    definitions: definitions.map((definition) => {
      const { candidate, verdict, lock, pairs, stale } = definition;
      const { content, file, source, mode, reference } = candidate;
      return {
        name: content.name,
        definition: reference,
        file,
        hash: content.hash,
        mode,
        verdict,
        lock,
        unseen: content.unseen,
        comparisons: pairs.map((pair) => {
          const failing = new Set(failingChanges(pair));
          return {
            baseline: pair.baseline,
            verdict: pair.verdict,
            failing: pair.failing,
            weakened: pair.weakened ?? null,
            refusedUnseen: pair.refusedUnseen,
            backward: pair.backward,
            forward: pair.forward,
            isPromptChanged: pair.isPromptChanged,
            changes: pair.changes.map((change) => ({
              ...change,
              isFailing: failing.has(change),
              line: locateChange(source, change.pointer),
            })),
            acceptance: acceptanceOf(pair),
            advice: adviceFor(definition, pair, report) ?? null,
          };
        }),
        staleAcceptances: stale.map(({ path }) => path),
        notes: notesOf(definition),
      };
    }),
    removed: report.removed.map((removal) => ({
      name: removal.name,
      baseline: removal.baseline,
      renamedTo: removal.renamedTo ?? null,
      acceptance: acceptanceOf(removal),
      message: describeRemoval(removal, report),
    })),
    unloaded: report.unloaded,
    notes: reportNotes(report),
  };
  return `${visibleJson(JSON.stringify(value, null, 2))}\n`;
}

function acceptanceOf({ acceptance }: { acceptance?: StoredAcceptance }): object | null {
  return acceptance === undefined ? null : { path: acceptance.path, reason: acceptance.reason, date: acceptance.date };
}
