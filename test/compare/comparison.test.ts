import { expect, test } from 'vitest';
import { compareNights } from '../../src/compare/comparison.ts';
import { comparisonPage } from '../../src/compare/comparison-page.ts';
import { comparisonText } from '../../src/compare/comparison-text.ts';
import type { EvidenceRates } from '../../src/evidence/evidence-rates.ts';
import type { JsonObject } from '../../src/json/value.ts';
import { nestedReceipt, night, receipt, type Draft } from './nights.ts';

test('twenty nights that are alike raise no alarm, in whatever pairs they are compared', () => {
  const nights = Array.from({ length: 20 }, (_, seed) =>
    night(seed + 1, { records: 200 + 20 * seed, usd: 0.2 + 0.02 * seed }),
  );
  for (const [index, before] of nights.entries())
    for (const after of nights.slice(index + 1, index + 6)) expect(compareNights(before, after).alarms).toEqual([]);
});

const broken: { name: string; draft: Draft; kind: string; says: RegExp }[] = [
  {
    name: 'a field that is null twice as often',
    draft: { row: (random) => ({ ...receipt(random), ...(random() < 0.3 ? { total: null } : {}) }) },
    kind: 'fields',
    says: /^total: other fill, before 9\d.* filled, .*; now /,
  },
  {
    name: 'a currency that is read another way',
    draft: { row: (random) => ({ ...receipt(random), currency: random() < 0.5 ? 'EUR' : 'USD' }) },
    kind: 'fields',
    says: /^currency: other values, before EUR /,
  },
  {
    name: 'totals in cents',
    draft: {
      row: (random) => {
        const row = receipt(random);
        return { ...row, total: typeof row['total'] === 'number' ? row['total'] * 100 : null };
      },
    },
    kind: 'fields',
    says: /^total: other numbers, before mean /,
  },
  {
    name: 'company names cut short',
    draft: { row: (random) => ({ ...receipt(random), company: 'Cut' }) },
    kind: 'fields',
    says: /^company: other text lengths/,
  },
  {
    name: 'a field that is gone',
    draft: { row: (random) => ({ ...receipt(random), paid: undefined as never }) },
    kind: 'fields',
    says: /^paid: other fill/,
  },
  { name: 'many more rejects', draft: { rejected: 40 }, kind: 'rejects', says: /rose from 1 % to 10 %/ },
  { name: 'a dearer record', draft: { usd: 0.6 }, kind: 'cost', says: /1\.5 times as much/ },
  { name: 'a slow service', draft: { p90: 2700 }, kind: 'latency', says: /3 times as long/ },
  { name: 'another model', draft: { model: 'google/gemini-y' }, kind: 'model', says: /gemini-y answered, before/ },
  { name: 'half an export', draft: { records: 100, usd: 0.1 }, kind: 'records', says: /^100 records, before 400$/ },
];

test.each(broken)('$name raises an alarm, and no other', ({ draft, kind, says }) => {
  const { alarms } = compareNights(night(1), night(2, draft));
  expect([...new Set(alarms.map((alarm) => alarm.kind))]).toEqual([kind]);
  expect(alarms.some(({ message }) => says.test(message))).toBe(true);
});

test('a run that has not finished is said so on either side, and counts the records that have ended', () => {
  const part = night(2, { records: 390, usd: 0.39, remaining: 10 });
  const after = compareNights(night(1), part);
  const message = 'this run has not finished (stopped): 390 of 400 records ended';
  expect(after.alarms).toEqual([{ kind: 'unfinished', message }]);
  expect([after.status, after.records.after]).toEqual([{ before: 'finished', after: 'stopped' }, 390]);
  expect(compareNights(part, night(1)).alarms).toEqual([
    { kind: 'unfinished', message: message.replace('this run', 'the run before') },
  ]);
  expect(comparisonText(after, { before: 'a', after: 'b' })).toContain(`! unfinished  ${message}`);
});

test('twenty nights with lists whose members are alike raise no alarm either', () => {
  const nights = Array.from({ length: 20 }, (_, seed) => night(seed + 100, { row: nestedReceipt }));
  for (const [index, before] of nights.entries())
    for (const after of nights.slice(index + 1)) expect(compareNights(before, after).alarms).toEqual([]);
});

interface NestedRow extends JsonObject {
  address: JsonObject | null;
  items: JsonObject[];
  tags: string[];
}

const nestedDrifts: { name: string; change(row: NestedRow): JsonObject; says: RegExp }[] = [
  {
    name: 'prices of members in cents',
    change: ({ items }) => ({ items: items.map((item) => ({ ...item, price: Number(item['price']) * 100 })) }),
    says: /^items\[\]\.price: other numbers, before mean /,
  },
  {
    name: 'a member of an object that is null',
    change: ({ address }) => ({ address: address === null ? null : { ...address, city: null } }),
    says: /^address\.city: other fill, before 100 % filled; now 100 % null$/,
  },
  {
    name: 'a kind that is read another way',
    change: ({ items }) => ({ items: items.map((item) => ({ ...item, kind: 'food' })) }),
    says: /^items\[\]\.kind: other values/,
  },
  {
    name: 'a member of list members that is gone',
    change: ({ items }) => ({ items: items.map(({ kind }) => ({ kind: kind ?? null })) }),
    says: /^items\[\]\.price: other fill, before 100 % filled; now 100 % missing$/,
  },
  {
    name: 'members of a list of texts cut short',
    change: ({ tags }) => ({ tags: tags.map((tag) => tag.slice(0, 1)) }),
    says: /^tags\[\]: other text lengths/,
  },
];

test.each(nestedDrifts)('$name raises an alarm of the field within, and none of others', ({ change, says }) => {
  const row = (random: () => number): JsonObject => {
    const drawn = nestedReceipt(random) as NestedRow;
    return { ...drawn, ...change(drawn) };
  };
  const { alarms } = compareNights(night(1, { row: nestedReceipt }), night(2, { row }));
  expect(alarms.some(({ message }) => says.test(message))).toBe(true);
  const field = /^[^:]*/.exec(says.source.replaceAll('\\', '').slice(1))?.[0] ?? '';
  const root = field.replace(/[.[].*/, '');
  for (const { message } of alarms) expect(message.startsWith(root)).toBe(true);
});

test('profiles that know nothing of fields within are compared in the fields that they know', () => {
  const old = night(1, { row: nestedReceipt });
  for (const name of Object.keys(old.profile.fields)) if (/[.[]/.test(name)) delete old.profile.fields[name];
  const { alarms, tests } = compareNights(old, night(2, { row: nestedReceipt }));
  expect(alarms).toEqual([]);
  expect(new Set(tests.map(({ field }) => field))).toEqual(new Set(['address', 'company', 'items', 'tags']));
});

test('text and page say what needs a look, and escape what the records say', () => {
  const changed = night(2, { row: (random) => ({ ...receipt(random), currency: '<script>' }) });
  const comparison = compareNights(night(1), changed, { new: 1, changed: 2, gone: 3, same: 4 });
  const names = { before: 'runs/1', after: 'runs/2' };
  const text = comparisonText(comparison, names);
  expect(text).toContain('runs/2 beside runs/1: 2 differences that need a look');
  expect(text).toContain('1 new, 2 changed, 3 gone, 4 the same');
  const page = comparisonPage(comparison, names);
  expect(page).toContain('2 differences need a look');
  expect(page).not.toContain('<script>');
});

test('what no profile tells apart is said not to be compared', () => {
  const [before, after] = [night(1), night(2)];
  const beyond = { ...after, profile: { ...after.profile, resultsBeyondFields: 12 } };
  const comparison = compareNights(before, beyond);
  expect(comparison.resultsBeyondFields).toEqual({ before: 0, after: 12 });
  const names = { before: 'a', after: 'b' };
  expect(comparisonText(comparison, names)).toContain('not those beyond them, which 12 results have');
  expect(comparisonText(compareNights(before, after), names)).not.toContain('beyond');
});

test('profiles of version 0.1, without bins, are compared in what they have', () => {
  const old = night(1);
  for (const field of Object.values(old.profile.fields))
    for (const spread of [field.numbers, field.lengths.text, field.lengths.list]) delete spread?.bins;
  const { tests } = compareNights(old, night(2));
  expect(new Set(tests.map(({ aspect }) => aspect))).toEqual(new Set(['fill', 'values']));
});

function found(total: number, none: number): EvidenceRates {
  const field = { values: total, exact: total - none, normalized: 0, value: 0, ambiguous: 0, fuzzy: 0, none };
  return { results: total, fields: { 'items[].price': field } };
}

test('values that stand in their records less often raise an alarm, and only where that was looked for in both runs', () => {
  const [before, after] = [night(1), night(2)];
  const comparison = compareNights({ ...before, evidence: found(400, 8) }, { ...after, evidence: found(400, 60) });
  expect(comparison.alarms).toEqual([
    {
      kind: 'fields',
      message: 'items[].price: other evidence, before 98 % found in the records; now 85 % found',
    },
  ]);
  const names = { before: 'runs/1', after: 'runs/2' };
  expect(comparisonText(comparison, names)).toContain('evidence    items[].price 85 %, before 98 %');
  expect(comparisonPage(comparison, names)).toMatch(/Values that stand in their records.*98 %.*85 %/s);

  const alike = compareNights({ ...before, evidence: found(400, 8) }, { ...after, evidence: found(410, 11) });
  expect(alike.alarms).toEqual([]);
  expect(alike.evidence).toHaveLength(1);
  const once = compareNights(before, { ...after, evidence: found(400, 300) });
  expect([once.alarms, once.evidence]).toEqual([[], []]);
  expect(comparisonPage(once, names)).not.toContain('Values that stand');
});
