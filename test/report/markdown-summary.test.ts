import { expect, test } from 'vitest';
import type { UsageReport } from '../../src/accounting/usage-report.ts';
import { markdownFailure, markdownSummary } from '../../src/report/markdown-summary.ts';

const usage = {
  status: 'finished',
  reason: null,
  exitCode: 1,
  extraction: 'receipt',
  wallMs: 245_000,
  records: { read: 1600, extracted: 1500, rejected: 100, reused: 20, remaining: 0 },
  rejectsByCode: { bad_record: 40, truncated_answer: 60 },
  calls: { sent: 1800, billed: 1650 },
  tokens: { total: 1_000_000, wasted: 50_000 },
  cost: { usd: 1.25, isLowerBound: true, wastedUsd: 0, unpricedModels: [] },
} as unknown as UsageReport;

test('markdownSummary says how a run ended, what it cost and why records were rejected', () => {
  expect(markdownSummary(usage, 'runs/tonight').split('\n')).toEqual([
    '### ❌ receipt: finished (exit 1)',
    '',
    '| | |',
    '| --- | --- |',
    '| extracted | 1,500 |',
    '| rejected | 100 |',
    '| reused | 20 |',
    '| calls | 1,800 sent, 1,650 billed |',
    '| tokens | 1,000,000 (50,000 wasted) |',
    '| cost | at least $1.25 |',
    '| time | 4 min 05 s |',
    '| written to | <code>runs/tonight</code> |',
    '',
    '| rejects | records |',
    '| --- | ---: |',
    '| <code>truncated&#95;answer</code> | 60 |',
    '| <code>bad&#95;record</code> | 40 |',
    '',
  ]);
});

test('what the emulator answered was billed by nobody', () => {
  const text = markdownSummary(usage, 'runs/tonight', { isEmulated: true });
  expect(text).toContain('| cost | at least $1.25 at list prices; the emulator answered, and nothing was billed |');
});

test('nothing that comes from outside is markup on the page', () => {
  const reason = 'HTTP 500: <img src=x> [link](http://x) | `code` @everyone\n# heading';
  const unpriced = { ...usage, reason, cost: { ...usage.cost, usd: null, unpricedModels: ['a|b'] } };
  const text = markdownSummary(unpriced, 'runs/<b>|x');
  expect(text).not.toMatch(/<img|\[link\]|`code`|@everyone|^# heading|<b>/m);
  expect(text).toContain('| cost | not known (no price for <code>a&#124;b</code>) |');
  expect(markdownFailure('re*ceipt', 'no <b>credentials</b>', 2)).toBe(
    '### ❌ re&#42;ceipt: not run (exit 2)\n\n> no &#60;b&#62;credentials&#60;/b&#62;\n\n',
  );
});
