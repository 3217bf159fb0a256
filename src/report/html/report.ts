import { callsSection } from './calls.ts';
import { costsSection } from './costs.ts';
import { evidencePlace } from './evidence.ts';
import { fieldsSection } from './fields.ts';
import { headerSection } from './header.ts';
import { clipText } from '../../text/clip-text.ts';
import { markup } from './markup.ts';
import { htmlPage } from './page.ts';
import type { ReportParts } from './parts.ts';
import { rejectsSection } from './rejects.ts';
import { settingsSection } from './settings.ts';
import { verdictOf } from './verdict.ts';

/** report.html: what a run did and what it cost, of bounded size. */
export function htmlReport(parts: ReportParts): string {
  const { usage, manifest } = parts;
  const { title, tone } = verdictOf(usage);
  return htmlPage({
    title: `${clipText(usage.extraction, 100)}: ${title}`,
    head: markup`<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'%3E%3Ccircle cx='4.5' cy='4.5' r='4' fill='${ICON_COLOURS[tone]}'/%3E%3C/svg%3E">`,
    main: markup`${headerSection(parts)}
  ${rejectsSection(parts)}
  ${fieldsSection(parts)}
  ${evidencePlace}
  ${callsSection(parts)}
  ${costsSection(parts)}
  ${settingsSection(parts)}`,
    footer: markup`<footer class="note">Written by gleaner ${clipText(manifest.gleaner, 40)} on Node ${clipText(manifest.node, 40)}. Every figure stands in <code>usage.json</code>, every call in <code>attempts.jsonl</code>, every result in <code>results.jsonl</code>.</footer>`,
  });
}

const ICON_COLOURS = { good: '%231a7f37', warn: '%23d29922', bad: '%23c62f35' } as const;
