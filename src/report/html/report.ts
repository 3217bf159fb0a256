import { callsSection } from './calls.ts';
import { costsSection } from './costs.ts';
import { fieldsSection } from './fields.ts';
import { headerSection } from './header.ts';
import { clipText } from '../../text/clip-text.ts';
import { markup } from './markup.ts';
import type { ReportParts } from './parts.ts';
import { rejectsSection } from './rejects.ts';
import { settingsSection } from './settings.ts';
import { style } from './style.ts';
import { verdictOf } from './verdict.ts';

/**
 * Nothing is fetched and nothing runs, whatever the records and answers on the page say. What `default-src` does not
 * cover is named.
 */
export const pagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** report.html: one page for people, without scripts and without anything outside of itself, of bounded size. */
export function htmlReport(parts: ReportParts): string {
  const { usage, manifest } = parts;
  const { title, tone } = verdictOf(usage);
  return markup`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${pagePolicy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta name="referrer" content="no-referrer">
  <meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
  <title>${clipText(usage.extraction, 100)}: ${title}</title>
  <link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'%3E%3Ccircle cx='4.5' cy='4.5' r='4' fill='${iconColours[tone]}'/%3E%3C/svg%3E">
  <style>${style}</style>
</head>
<body>
  <main>
  ${headerSection(parts)}
  ${rejectsSection(parts)}
  ${fieldsSection(parts)}
  ${callsSection(parts)}
  ${costsSection(parts)}
  ${settingsSection(parts)}
  </main>
  <footer class="note">Written by gleaner ${clipText(manifest.gleaner, 40)} on Node ${clipText(manifest.node, 40)}. Every figure stands in <code>usage.json</code>, every call in <code>attempts.jsonl</code>, every result in <code>results.jsonl</code>.</footer>
</body>
</html>
`.text;
}

const iconColours = { good: '%231a7f37', warn: '%23d29922', bad: '%23c62f35' } as const;
