import type { CheckReport } from '../check.ts';
import { formatGithub } from './github.ts';
import { formatJson } from './json.ts';
import { formatJunit } from './junit.ts';
import { formatMarkdown } from './markdown.ts';
import { formatSarif } from './sarif.ts';
import { formatText } from './text.ts';

export const reportFormats = ['text', 'json', 'github', 'sarif', 'junit', 'markdown'] as const;

export type ReportFormat = (typeof reportFormats)[number];

/** Writes a report in one of the formats; `version` is gleaner's. */
export function formatReport(report: CheckReport, format: ReportFormat, version: string): string {
  switch (format) {
    case 'text':
      return formatText(report);
    case 'json':
      return formatJson(report);
    case 'github':
      return formatGithub(report);
    case 'sarif':
      return formatSarif(report, version);
    case 'junit':
      return formatJunit(report);
    case 'markdown':
      return formatMarkdown(report);
    default:
      return format satisfies never;
  }
}
