import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReportAggregates } from '../../../src/accounting/run-profile.ts';
import { CallTimeline, CALL_ENDS } from '../../../src/accounting/call-timeline.ts';
import { LatencyHistogram } from '../../../src/accounting/latency-histogram.ts';
import { markup, outside } from '../../../src/report/html/markup.ts';
import { clipText } from '../../../src/text/clip-text.ts';
import { withComparison } from '../../../src/report/html/comparison-place.ts';
import { htmlReport } from '../../../src/report/html/report.ts';
import { niceTicks } from '../../../src/report/html/chart-scale.ts';
import { attemptAt, emptyUsage, manifest, partsFullOf, rejectOf, reportParts, resultOf } from '../report-parts.ts';

const start = Date.parse('2026-11-23T10:00:00.000Z');

/** What a reader sees, roughly: the text between the tags. */
function textOf(page: string): string {
  return page
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replaceAll('<wbr>', '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
}

function tagsOf(page: string): string[] {
  return [...new Set([...page.matchAll(/<([a-zA-Z!][\w-]*)/g)].map(([, name]) => name ?? ''))].sort();
}

test.each([
  { records: { extracted: 3 }, verdict: 'Finished: every record was extracted', tone: 'good' },
  {
    records: { extracted: 98, rejected: 2 },
    exitCode: 0,
    verdict: 'Finished within its limits: 2 of 100 records rejected',
    tone: 'good',
  },
  { records: { extracted: 2, rejected: 1 }, exitCode: 1, verdict: 'Finished: 1 record was rejected', tone: 'warn' },
  {
    records: { extracted: 2000, rejected: 1234 },
    exitCode: 1,
    verdict: 'Finished: 1,234 records were rejected',
    tone: 'warn',
  },
  { records: { rejected: 4 }, exitCode: 1, verdict: 'Finished: every record was rejected', tone: 'bad' },
  { records: {}, exitCode: 1, verdict: 'Finished: the input held no records', tone: 'bad' },
  { status: 'stopped', exitCode: 4, records: { remaining: 5 }, verdict: 'Stopped: a cap is used up', tone: 'warn' },
  { status: 'stopped', records: { remaining: 5 }, verdict: 'Stopped before the end', tone: 'warn' },
  { status: 'interrupted', records: { remaining: 5 }, verdict: 'Interrupted before the end', tone: 'warn' },
  { status: 'refused', records: {}, verdict: 'Cannot go on', tone: 'bad' },
  { status: 'failed', records: {}, verdict: 'Failed before the end', tone: 'bad' },
] as const)('the page opens with the verdict: $verdict', ({ records, verdict, tone, ...rest }) => {
  const usage = { ...emptyUsage, ...rest, records: { ...emptyUsage.records, ...records } };
  const page = htmlReport(reportParts({ usage }));
  expect(page).toContain(`<title>receipt: ${verdict}</title>`);
  expect(page).toMatch(new RegExp(`<main>\\s*<header class="${tone}">[\\s\\S]*<h1 class="verdict">${verdict}</h1>`));
});

test('the header says what was extracted, rejected, what remains and what it cost', () => {
  const usage = {
    ...emptyUsage,
    status: 'stopped' as const,
    reason: 'the budget is used up',
    records: { read: 800, extracted: 700, rejected: 100, reused: 20, remaining: 1200 },
    calls: { ...emptyUsage.calls, sent: 900, billed: 890, unmetered: 0, unsettled: 2 },
    tokens: { ...emptyUsage.tokens, prompt: 900_000, completion: 100_000, total: 1_000_000, wasted: 50_000 },
    cost: { usd: 1.4, isLowerBound: false, wastedUsd: 0.07, unpricedModels: [] },
  };
  const text = textOf(htmlReport(reportParts({ usage })));
  expect(text).toContain('The budget is used up');
  expect(text).toContain('Extracted 700 of 2,000 records, 20 reused');
  expect(text).toContain('Rejected 100 12.5 % of those that ended');
  expect(text).toContain('Remaining 1,200');
  expect(text).toContain('Cost $1.40 $2.00 per 1,000 results');
  expect(text).toContain('Tokens 1,000,000 5 % gave no result');
  expect(text).toContain('2 calls have no known end and may have been billed beyond this cost');
});

test('limits stand beside what was reached, and prices with their source', () => {
  const usage = {
    ...emptyUsage,
    exitCode: 4,
    records: { ...emptyUsage.records, read: 200, extracted: 199, rejected: 1 },
    calls: { ...emptyUsage.calls, sent: 200, billed: 200 },
    limits: {
      totalTokens: null,
      costUsd: 2,
      counted: { totalTokens: 5000, costUsd: 1.5 },
      rejectRate: 0.02,
      minRecords: 1000,
    },
    cache: 'answers.db',
    prices: [{ model: 'gemini-x', validFrom: '2026-09-30', input: 2, output: 10, source: 'a price list' }],
  };
  const text = textOf(htmlReport(reportParts({ usage })));
  expect(text).toContain('Rejects, at most 2 % 0.5 % Records, at least 1,000 200');
  expect(text).toContain('Cost, at most $2.00 $1.50 (75 %) Tokens, at most none');
  expect(text).toContain('Exit code 4. Cache of answers: answers.db');
  expect(text).toContain('gemini-x from 2026-09-30 2 2 10 a price list');
});

test('the first screen says whether it passed and how near it came, what it saved, and what needs a look', () => {
  const aggregates = new ReportAggregates();
  for (let index = 0; index < 12; index += 1) aggregates.addResult(resultOf({ total: index, address: { zip: null } }));
  const usage = {
    ...emptyUsage,
    records: { ...emptyUsage.records, read: 112, extracted: 110, rejected: 2, reused: 50 },
    rejectsByCode: { refusal: 2 },
    calls: { ...emptyUsage.calls, sent: 100, billed: 100, unsettled: 1, byStatus: { 200: 90, 429: 10 } },
    limits: {
      totalTokens: 2000,
      costUsd: 5,
      counted: { totalTokens: 500, costUsd: 4.5 },
      rejectRate: 0.02,
      minRecords: 1,
    },
    cost: { usd: 4.5, isLowerBound: false, wastedUsd: 0, unpricedModels: [] },
  };
  const text = textOf(htmlReport(reportParts({ usage, aggregates, directory: 'runs/to night' })));
  expect(text).toContain(
    'Did it pass? Yes , exit code 0: 1.8 % rejected, at most 2 % allowed; $4.50 of at most $5.00 (90 %) counted; 500 of at most 2,000 tokens (25 %)',
  );
  expect(text).toContain('Is it different? Not compared: no earlier finished run is known here.');
  expect(text).toContain('$4.50 for 100 calls. Saved: 50 results were carried over without a call, about $3.63.');
  expect(text).toContain('2 records rejected as refusal , 1.8 %');
  expect(text).toContain('1 call has no known end and may have been billed beyond this cost');
  expect(text).toContain('10 % of all calls failed and were repeated');
  expect(text).toContain('address.zip is filled in no result');
  expect(text).toContain('Next gleaner retry &#39;runs/to night&#39; asks again');
});

test('where more needs a look than the first screen shows, it says how much more there is', () => {
  const concernsIn = (codes: number): string[] => {
    const usage = {
      ...emptyUsage,
      records: { ...emptyUsage.records, read: 40, extracted: 20, rejected: 20 },
      rejectsByCode: Object.fromEntries(Array.from({ length: codes }, (_, index) => [`code_${index}`, 20 - index])),
      calls: { ...emptyUsage.calls, sent: 40, unsettled: 2, unmetered: 1, byStatus: { 429: 40 } },
      cost: { usd: 4.5, isLowerBound: true, wastedUsd: 0, unpricedModels: codes > 2 ? ['m'] : [] },
      ...(codes > 1 ? { batch: { ...doubtful } } : {}),
    };
    const page = htmlReport(reportParts({ usage }));
    const list = /<dt>Needs a look<\/dt><dd><ul>(.*?)<\/ul>/s.exec(page)?.[1] ?? '';
    return [...list.matchAll(/<li>(.*?)<\/li>/gs)].map(([, line = '']) => textOf(line));
  };
  // Seven lines stand there whole; of eight, the last two are counted.
  expect(concernsIn(2)).toHaveLength(7);
  expect(concernsIn(2).join('\n')).not.toContain('more');
  expect(concernsIn(4)).toHaveLength(7);
  expect(concernsIn(4).at(-1)).toBe('and 4 more, told below');
});

const doubtful = {
  jobs: 1,
  open: 0,
  lines: 2,
  matched: 1,
  calls: { batch: 1, online: 0 },
  tokens: { batch: 1, online: 0 },
  usd: { batch: 1, online: 0 },
  failed: 0,
  missing: 0,
  repeated: 0,
  paidTwice: 1,
  unmatched: 1,
  doubled: 0,
};

test('a clean night needs no look, and a stopped one names the command that goes on', () => {
  const clean = { ...emptyUsage, records: { ...emptyUsage.records, read: 3, extracted: 3 } };
  const text = textOf(htmlReport(reportParts({ usage: clean })));
  expect(text).toContain('Needs a look Nothing Next gleaner export runs/receipts writes the results as a table');
  const stopped = { ...clean, status: 'stopped' as const, exitCode: 4 };
  const settings = { definition: 'receipt', input: 'receipts.csv' };
  const page = textOf(htmlReport(reportParts({ usage: stopped, manifest: { ...manifest, settings } })));
  expect(page).toContain('Not finished , exit code 4');
  expect(page).toContain(
    'gleaner run receipt receipts.csv --out runs/receipts as before, with a higher cap, asks for the rest',
  );
  const running = { ...clean, status: 'running' as const };
  expect(textOf(htmlReport(reportParts({ usage: running })))).toContain('Did it pass? Not known yet');
});

test('a retry is offered for rejects that were asked for only; rows are mended and read again', () => {
  const nextOf = (rejectsByCode: Record<string, number>): string => {
    const rejected = Object.values(rejectsByCode).reduce((sum, count) => sum + count, 0);
    const records = { ...emptyUsage.records, read: 10, extracted: 10 - rejected, rejected };
    const settings = { definition: 'receipt', input: 'receipts.csv' };
    const usage = { ...emptyUsage, records, rejectsByCode, exitCode: 1 };
    const page = textOf(htmlReport(reportParts({ usage, manifest: { ...manifest, settings } })));
    return /Next (.*?) Extracted/.exec(page)?.[1] ?? '';
  };
  const mend =
    'gleaner run receipt receipts.csv --out runs/receipts --accept-changes reads 2 records again for which nothing was asked';
  expect(nextOf({ bad_record: 2 })).toContain(mend);
  expect(nextOf({ bad_record: 2 })).not.toContain('gleaner retry');
  expect(nextOf({ bad_record: 1, definition_error: 1, timeout: 1 })).toContain(mend);
  expect(nextOf({ bad_record: 1, timeout: 1 })).toContain('gleaner retry runs/receipts');
  expect(nextOf({ timeout: 1 })).not.toContain('--accept-changes');
});

test('a comparison is shown in its place, and what it says is text', () => {
  const usage = { ...emptyUsage, records: { ...emptyUsage.records, read: 3, extracted: 3 } };
  const page = htmlReport(reportParts({ usage }));
  const compared = { before: 'runs/<b>', fields: 4, tests: 9, command: 'gleaner compare a b' };
  expect(textOf(withComparison(page, { ...compared, alarms: [] }))).toContain(
    'Is it different? No: nothing that needs a look beside runs/&lt;b&gt; , in 9 tests of 4 fields',
  );
  const alarms = Array.from({ length: 8 }, (_, index) => `field ${index}: other values <script>`);
  const text = textOf(withComparison(page, { ...compared, alarms }));
  expect(text).toContain('Yes , beside runs/&lt;b&gt; : field 0: other values &lt;script&gt;');
  expect(text).toContain('and 2 more differences. gleaner compare a b says it at length.');
  // Shown again, it takes the place of the one before.
  const again = withComparison(withComparison(page, { ...compared, alarms }), { ...compared, alarms: [] });
  expect(again).toBe(withComparison(page, { ...compared, alarms: [] }));
  expect(withComparison('another page', { ...compared, alarms })).toBe('another page');
});

test('fields within objects and lists have rows of their own, and numbers their distribution', () => {
  const aggregates = new ReportAggregates();
  for (let index = 0; index < 40; index += 1) {
    const items = [1, 2, 3].map((place) => ({ name: `n${index}-${place}`, price: index * place + 0.5 }));
    aggregates.addResult(resultOf({ address: { city: `City ${index}` }, items }));
  }
  const page = htmlReport(reportParts({ aggregates }));
  const text = textOf(page);
  expect(text).toContain('address.city 100 % texts of 6 to 7 characters');
  expect(text).toContain('items[].price 100 % of 120 numbers from 0.5 to 117.5, 39.5 in the mean');
  expect(text).toContain('How numbers spread items[].price');
  expect(page).toContain('aria-label="Numbers from 0.5 to 117.5, 39.5 in the mean"');
});

test('the bar of records is drawn where the whole is known, and nowhere else', () => {
  const barOf = (remaining: number | null): boolean => {
    const records = { read: 40, extracted: 40, rejected: 0, reused: 0, remaining };
    const page = htmlReport(reportParts({ usage: { ...emptyUsage, status: 'refused', exitCode: 2, records } }));
    expect(textOf(page)).toContain(remaining === null ? 'Remaining unknown' : 'Remaining 60');
    return page.includes('40 extracted, 0 rejected, ');
  };
  expect([barOf(60), barOf(null)]).toEqual([true, false]);
});

test('an unknown cost is said to be unknown, and the emulator to bill nothing', () => {
  const calls = { ...emptyUsage.calls, sent: 1 };
  const unknown = { usd: null, isLowerBound: false, wastedUsd: null, unpricedModels: ['google/new'] };
  const page = textOf(htmlReport(reportParts({ usage: { ...emptyUsage, calls, cost: unknown } })));
  expect(page).toContain('Cost unknown');
  expect(page).toContain('The cost is not known: no price for google/new');
  const emulated = { ...manifest, identity: { service: 'emulator' } };
  expect(textOf(htmlReport(reportParts({ manifest: emulated })))).toContain('emulator: nothing was billed');
});

test('rejects are shown by reason, the most frequent first, with advice and examples', () => {
  const aggregates = new ReportAggregates();
  const lines = [2, 5, 9];
  for (const line of lines)
    aggregates.addReject(rejectOf({ code: 'bad_record', message: 'Broken', line }, { id: null }));
  const issues = [4, 7].map((place) => ({ path: `/items/${place}/price`, message: 'Expected number' }));
  aggregates.addReject(rejectOf({ code: 'schema_violation', message: 'The schema refuses', issues }, { id: 'r-77' }));
  const usage = {
    ...emptyUsage,
    records: { ...emptyUsage.records, extracted: 6, rejected: 4 },
    rejectsByCode: { schema_violation: 1, bad_record: 3 },
  };
  const advice = { bad_record: { meaning: 'The row is broken', advice: 'mend the row' } };
  const text = textOf(htmlReport(reportParts({ usage, aggregates, advice })));
  const section = text.slice(text.indexOf('Why records were rejected'));
  expect(section.indexOf('bad_record')).toBeLessThan(section.indexOf('schema_violation'));
  expect(section).toContain('bad_record 3 (75 %) The row is broken. What to do: mend the row.');
  // What happened to all of them in the same words is said once; a line has no thousands separator.
  expect(section).toContain('Broken 3 records: line 2, line 5, line 9');
  expect(section).toContain('Where the schema refuses Place in the answer Records /items/*/price 1');
  expect(section).toContain('The schema refuses 1 record: r-77');
});

test('rejects that end in the same words, numbers aside, are one kind, with record and answer of the first', () => {
  const aggregates = new ReportAggregates();
  for (let index = 0; index < 1000; index += 1) {
    const code = index < 990 ? 'rate_limited' : 'refusal';
    aggregates.addReject(
      rejectOf(
        { code, message: `Gave up after ${index} ms ${'long '.repeat(100)}` },
        { id: `r${index}`, record: { text: `Row ${index} <b>`, note: 'x'.repeat(5000) }, answer: `{"total": ${index}` },
      ),
    );
  }
  const examples = aggregates.rejectExamples();
  expect([...examples].map(([code, kinds]) => [code, kinds.map(({ count }) => count)])).toEqual([
    ['rate_limited', [990]],
    ['refusal', [10]],
  ]);
  const [kind] = examples.get('rate_limited') ?? [];
  expect(kind?.message).toMatch(/^[^]{199}…$/);
  expect(kind?.records.map(({ id }) => id)).toEqual(['r0', 'r1', 'r2', 'r3', 'r4']);
  const usage = {
    ...emptyUsage,
    records: { ...emptyUsage.records, rejected: 1000 },
    rejectsByCode: { rate_limited: 990, refusal: 10 },
  };
  const text = textOf(htmlReport(reportParts({ usage, aggregates })));
  expect(text).toContain('990 records: r0 , r1 , r2 , r3 , r4 … Record text Row 0 &lt;b&gt; note xxx');
  expect(text).toContain('Last answer {&quot;total&quot;: 0');
  expect(text).not.toContain('Row 1 ');
});

test('what stands above for all records of a code is not said again with each of them', () => {
  const advice = { truncated_loop: { meaning: 'It went round', advice: 'bound the field; more tokens do not help' } };
  const aggregates = new ReportAggregates();
  const say = (detail: string): string => `It went round: ${detail}; bound the field; more tokens do not help`;
  const messages = [say('the end is white space'), say(`${'a; b '.repeat(36)}`), 'another message; as it is'];
  for (const message of messages) aggregates.addReject(rejectOf({ code: 'truncated_loop', message }));
  const usage = {
    ...emptyUsage,
    records: { ...emptyUsage.records, rejected: 3 },
    rejectsByCode: { truncated_loop: 3 },
  };
  const text = textOf(htmlReport(reportParts({ usage, aggregates, advice })));
  expect(text.match(/It went round/g)).toHaveLength(1);
  expect(text.match(/bound the/g)).toHaveLength(1);
  expect(text).toContain('The end is white space 1 record: r1');
  expect(text).toContain('Another message; as it is 1 record: r1');
});

test('kinds of rejects beyond those that are told apart are counted', () => {
  const aggregates = new ReportAggregates();
  const names = [...'abcdefghijkl'];
  for (const name of names) aggregates.addReject(rejectOf({ code: 'bad_record', message: `Broken: ${name}` }));
  expect(aggregates.rejectExamples().get('bad_record')).toHaveLength(8);
  const usage = {
    ...emptyUsage,
    records: { ...emptyUsage.records, rejected: 12 },
    rejectsByCode: { bad_record: 12 },
  };
  expect(textOf(htmlReport(reportParts({ usage, aggregates })))).toContain('and 4 records in other words');
});

test('fields tell how often they are filled, and few-valued ones what they hold', () => {
  const aggregates = new ReportAggregates();
  const currencies = ['EUR', 'EUR', 'USD', 'EUR', 'USD', 'EUR'];
  for (const [index, currency] of currencies.entries()) {
    const note = index % 2 === 0 ? { note: `remark ${index}` } : {};
    aggregates.addResult(
      resultOf({ currency, total: index === 0 ? null : index, items: index < 2 ? [] : [1], ...note }),
    );
  }
  aggregates.addResult(resultOf('no object'));
  const fields = new Map(aggregates.fields().map(({ name, profile }) => [name, profile]));
  expect([...fields.keys()]).toEqual(['currency', 'total', 'items', 'items[]', 'note']);
  expect(fields.get('currency')).toMatchObject({
    filled: 6,
    null: 0,
    missing: 1,
    values: [
      { value: 'EUR', count: 4 },
      { value: 'USD', count: 2 },
    ],
  });
  expect(fields.get('total')).toMatchObject({ filled: 5, null: 1, missing: 1, values: null, numbers: { min: 1 } });
  expect(fields.get('items')).toMatchObject({ filled: 4, empty: 2, missing: 1, lengths: { list: { max: 1 } } });
  expect(fields.get('note')).toMatchObject({ filled: 3, missing: 4, values: null, lengths: { text: { min: 8 } } });

  const text = textOf(htmlReport(reportParts({ aggregates })));
  expect(text).toContain('Fields of 7 results');
  expect(text).toContain('currency 85.7 % 1 missing texts of 3 characters; 2 different values');
  expect(text).toContain('EUR 4 (66.7 %) USD 2 (33.3 %)');
  expect(text).toContain('1 result with fields beyond these, or without fields');
});

test('a field name that objects carry anyway is counted like any other', () => {
  const aggregates = new ReportAggregates();
  aggregates.addResult(resultOf(JSON.parse('{"__proto__":1,"constructor":"x","toString":null}')));
  expect(aggregates.fields().map(({ name, profile }) => [name, profile.filled, profile.null])).toEqual([
    ['__proto__', 1, 0],
    ['constructor', 1, 0],
    ['toString', 0, 1],
  ]);
});

test('the timeline loses no call, whenever the calls were made, and is never longer than can be drawn', () => {
  const day = 86_400_000;
  const times = fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: -day, max: 400 * day }));
  fc.assert(
    fc.property(fc.array(fc.tuple(times, fc.constantFrom(...CALL_ENDS)), { maxLength: 400 }), (calls) => {
      const timeline = new CallTimeline();
      for (const [time, end] of calls) timeline.add(start + time, end);
      const { slots, slotMs } = timeline.layOut();
      expect(slots.length).toBeLessThanOrEqual(90);
      const sums = { extracted: 0, unusable: 0, failed: 0 };
      let clock: number | undefined;
      for (const slot of slots) {
        if ('pauseMs' in slot) {
          clock = (clock ?? 0) + slot.pauseMs;
          continue;
        }
        // Slots and pauses follow one another without a gap.
        expect(slot.startMs).toBe(clock ?? slot.startMs);
        clock = slot.startMs + slotMs;
        const inSlot = calls.filter(([time]) => start + time >= slot.startMs && start + time < slot.startMs + slotMs);
        for (const end of CALL_ENDS) {
          sums[end] += slot.counts[end];
          expect(slot.counts[end]).toBe(inSlot.filter(([, other]) => other === end).length);
        }
      }
      expect(sums.extracted + sums.unusable + sums.failed).toBe(calls.length);
    }),
    { numRuns: 60 },
  );
});

test('two sessions a day apart are drawn with a break between them', () => {
  const aggregates = new ReportAggregates();
  for (const session of [start, start + 86_400_000])
    for (let call = 0; call < 600; call += 1) aggregates.addAttempt(attemptAt(session + call * 1000));
  const { slots } = aggregates.timeline();
  expect(slots.filter((slot) => 'pauseMs' in slot)).toHaveLength(1);
  expect(slots.length).toBeGreaterThan(20);
  const usage = { ...emptyUsage, calls: { ...emptyUsage.calls, sent: 1200 } };
  expect(textOf(htmlReport(reportParts({ usage, aggregates })))).toContain('dashed: 1 longer time without calls');
});

test('latencies fall into the bin that holds them', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2_000_000 }), { minLength: 1 }), (latencies) => {
      const bins = new LatencyHistogram();
      for (const latency of latencies) bins.add(latency);
      const all = bins.bins();
      for (const { fromMs, toMs, calls } of all)
        expect(calls).toBe(latencies.filter((latency) => latency >= fromMs && latency < toMs).length);
      expect(all.reduce((sum, { calls }) => sum + calls, 0)).toBe(latencies.length);
    }),
    { numRuns: 50 },
  );
});

test('gridlines are round and reach the highest value', () => {
  expect(niceTicks(0)).toEqual([1]);
  expect(niceTicks(3)).toEqual([1, 2, 3]);
  expect(niceTicks(570)).toEqual([200, 400, 600]);
  expect(niceTicks(1_000_001)).toEqual([500_000, 1_000_000, 1_500_000]);
});

test('no text becomes markup, leaves its attribute, or hides or reorders what stands beside it', () => {
  const nasty = fc.oneof(
    fc.array(fc.nat(0x10ffff)).map((points) => String.fromCodePoint(...points)),
    fc.string({
      unit: fc.constantFrom('<', '>', '"', "'", '&', '`', '\0', '\u202e', '\u2066', '\ud800', '\u2028', 'e\u0301'),
    }),
  );
  fc.assert(
    fc.property(nasty, (text) => {
      const { text: page } = markup`<p title="${text}">${text}</p>`;
      expect(page).toMatch(/^<p title="[^<>"'`]*">[^<>"'`]*<\/p>$/);
      expect(page.replace(/&(?:amp|lt|gt|quot|#39|#96);/g, '')).not.toContain('&');
      expect(page).not.toMatch(/[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\u2028\u2029\uFEFF\p{Cs}]/u);
    }),
  );
  expect(markup`${'a\u202eb\0'}`.text).toBe('a[U+202E]b[U+0000]');
  expect(markup`${`o${'\u0300'.repeat(50)}`}`.text).toBe(`o${'\u0300'.repeat(4)}`);
  // Joiners are part of words and emoji.
  expect(markup`${'\u{1F469}\u200D\u{1F52C} می\u200Cخواهم'}`.text).toBe('\u{1F469}\u200D\u{1F52C} می\u200Cخواهم');
});

test('clipped text is one line within its limit, and never ends in half a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.integer({ min: 2, max: 50 }), (text, limit) => {
      const clipped = clipText(text, limit);
      expect(clipped.length).toBeLessThanOrEqual(limit);
      expect(clipped).not.toMatch(/[\n\r\p{Cs}]/u);
    }),
  );
  expect(clipText('  two\n lines\t', 20)).toBe('two lines');
  expect(clipText('abcdef', 4)).toBe('abc…');
  expect(clipText('ab\u{1F600}cd', 4)).toBe('ab…');
  expect(outside('<b>', 10).text).toBe('<bdi>&lt;b&gt;</bdi>');
});

const canary = `</title></style></bdi><script>canary()</script><img src=x onerror=canary()>" onload="canary()' x='\u202e\0`;

test('whatever records, answers, services and settings say, the page has the elements of a harmless one', () => {
  const harmless = htmlReport(partsFullOf('harmless'));
  const hostile = htmlReport(partsFullOf(canary));
  expect(tagsOf(hostile)).toEqual(tagsOf(harmless));
  expect(tagsOf(hostile)).not.toContain('script');
  expect(hostile).toContain('&lt;script&gt;');
  for (const [, tag] of hostile.matchAll(/<([^>]*)>/g)) expect(tag).not.toContain('canary');
  // eslint-disable-next-line no-control-regex
  expect(hostile).not.toMatch(/[\0\u202e]/u);
});

test('a page keeps its bounds when everything on it is as long and as various as it can be', () => {
  const page = htmlReport(partsFullOf(`${'"&<\u{1F600}'.repeat(2000)}`));
  expect(Buffer.byteLength(page)).toBeLessThan(300_000);
});

test('the page is one file that runs nothing, fetches nothing and says so', () => {
  const page = htmlReport(partsFullOf('plain'));
  expect(page).toContain(
    'http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; img-src data:;',
  );
  expect(page.replaceAll("xmlns='http://www.w3.org/2000/svg'", '')).not.toMatch(/https?:|\bsrc=|<script|url\(|@import/);
  expect(
    [...page.matchAll(/\bhref="([^"]*)"/g)].every(([, href]) => href !== undefined && /^(?:data:|#)/.test(href)),
  ).toBe(true);
});

test('the page can be read without seeing it: tables and pictures are named', () => {
  const page = htmlReport(partsFullOf('plain'));
  expect(page).toContain('<html lang="en">');
  expect(page.match(/<h1/g)).toHaveLength(1);
  for (const [head] of page.matchAll(/<th\b[^>]*>/g)) expect(head).toMatch(/ scope="(?:col|row)"/);
  expect(page.match(/<table>/g)?.length).toBe(page.match(/<caption>/g)?.length);
  for (const [svg] of page.matchAll(/<svg\b[^>]*>/g))
    expect(svg).toMatch(/role="img" aria-label="[^"]+"|aria-hidden="true"/);
});

test('entries are counted one by one', () => {
  const aggregates = new ReportAggregates();
  aggregates.addResult(resultOf({ a: 1 }));
  aggregates.addResult(resultOf({ a: null }, { attempts: 9 }));
  aggregates.addAttempt(attemptAt(start));
  aggregates.addAttempt(attemptAt(start, { outcome: 'failed', status: 503, code: 'UNAVAILABLE' }));
  expect(aggregates.fields()).toMatchObject([{ name: 'a', profile: { filled: 1, null: 1 } }]);
  expect(aggregates.callsPerResult()).toEqual([
    [1, 1],
    [5, 1],
  ]);
  expect(aggregates.causes()).toEqual([{ code: 'UNAVAILABLE', status: 503, calls: 1, tokens: 0 }]);
  expect(aggregates.rejectExamples().size).toBe(0);
});
