import type { EvidenceRates, FieldEvidence } from '../evidence/evidence-rates.ts';
import { chiSquareTest } from './chi-square.ts';
import type { FieldTest } from './compare-profiles.ts';

/** Which share of a field's values stands in the records; null where a run has no values of it. */
export interface FieldFound {
  field: string;
  found: { before: number | null; after: number | null };
}

/** Compares how much of two runs' results stands in their records, field by field; nothing where one of them was not looked at. */
export function compareEvidence(
  before: EvidenceRates | undefined,
  after: EvidenceRates | undefined,
): { evidence: FieldFound[]; tests: FieldTest[] } {
  if (before === undefined || after === undefined) return { evidence: [], tests: [] };
  const names = [...new Set([...Object.keys(before.fields), ...Object.keys(after.fields)])].sort();
  const evidence: FieldFound[] = [];
  const tests: FieldTest[] = [];
  for (const field of names) {
    const [first, second] = [countsOf(before.fields[field]), countsOf(after.fields[field])];
    const [one, other] = [shareOf(first), shareOf(second)];
    evidence.push({ field, found: { before: one, after: other } });
    const probability = chiSquareTest(first, second);
    if (probability === undefined || one === null || other === null) continue;
    tests.push({
      field,
      aspect: 'evidence',
      effect: Math.abs(other - one),
      measure: 'share',
      probability,
      before: `${percent(one)} found in the records`,
      after: `${percent(other)} found`,
    });
  }
  return { evidence, tests };
}

/** Values that were found, and values that were not. */
function countsOf(field: FieldEvidence | undefined): [number, number] {
  return field === undefined ? [0, 0] : [field.values - field.none, field.none];
}

function shareOf([found, none]: readonly [number, number]): number | null {
  return found + none === 0 ? null : found / (found + none);
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
