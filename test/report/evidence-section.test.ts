import { expect, test } from 'vitest';
import type { EvidenceRates } from '../../src/evidence/evidence-rates.ts';
import { withEvidence } from '../../src/report/html/evidence.ts';
import { htmlReport } from '../../src/report/html/report.ts';
import { reportParts } from './report-parts.ts';

const none = { exact: 0, normalized: 0, value: 0, ambiguous: 0, fuzzy: 0, none: 0 };
const rates: EvidenceRates = {
  results: 3,
  fields: {
    shop: { ...none, values: 3, exact: 1, normalized: 2 },
    'items[].<b>price</b>': { ...none, values: 8, value: 5, ambiguous: 1, none: 2 },
  },
};

test('a page without evidence says nothing of it', () => {
  expect(htmlReport(reportParts())).not.toContain('What stands in the records');
});

test('evidence that is found later goes into the page, the worst field first', () => {
  const page = withEvidence(htmlReport(reportParts()), rates).replaceAll('\u00A0', ' ');
  expect(page).toContain('What stands in the records');
  expect(page).toMatch(/items\[\]\.&lt;b&gt;price.*75 %.*2 of 8 not.*5 as a number or date, 1 as one of two readings/s);
  expect(page.indexOf('items[].&lt;b')).toBeLessThan(page.indexOf('2 by letters and digits'));
  expect(page).not.toContain('<b>price');
});

test('evidence that is looked for again takes the place of the old', () => {
  const once = withEvidence(htmlReport(reportParts()), { ...rates, results: 2 });
  expect(withEvidence(once, rates)).toBe(withEvidence(htmlReport(reportParts()), rates));
});

test('a page of an earlier version, which has no place for it, stays as it is', () => {
  expect(withEvidence('<html>old</html>', rates)).toBe('<html>old</html>');
});
