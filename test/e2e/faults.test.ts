import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faultKinds, type FaultKind, type ScriptStep } from 'gleaner/emulator';
import {
  accountFor,
  emulatorFor,
  gleaner,
  noteDefinition,
  noteRecords,
  readRun,
  temporaryDirectory,
  writeFile,
} from './harness.ts';

const RECORDS = 500;

/** How a record ends when its first call, or every call, meets the fault. */
interface Ends {
  once: string;
  always: string;
}

function endsOf(kind: FaultKind): Ends {
  const status = /^status-(\d+)-/.exec(kind)?.[1];
  if (status !== undefined) {
    if (status === '401') return { once: 'extracted', always: 'request_refused' };
    if (status === '408') return { once: 'extracted', always: 'timeout' };
    if (status === '429') return { once: 'extracted', always: 'rate_limited' };
    if (status.startsWith('5')) return { once: 'extracted', always: 'service_error' };
    return { once: 'request_refused', always: 'request_refused' };
  }
  switch (kind) {
    case 'retry-after':
    case 'retry-info':
      return { once: 'extracted', always: 'rate_limited' };
    case 'reset':
    case 'reset-mid-body':
    case 'wrong-content-length':
      return { once: 'extracted', always: 'network_error' };
    case 'stall':
    case 'stall-mid-body':
      return { once: 'extracted', always: 'timeout' };
    case 'truncated-body':
    case 'empty-body':
    case 'html-body':
      return { once: 'extracted', always: 'unreadable_response' };
    case 'slow-drip':
    case 'array-content':
    case 'fenced-json':
    case 'json-in-prose':
    case 'missing-usage':
      return { once: 'extracted', always: 'extracted' };
    case 'empty-content':
    case 'no-message':
      return { once: 'extracted', always: 'empty_answer' };
    case 'invalid-json':
      return { once: 'extracted', always: 'invalid_json' };
    case 'schema-violation':
      return { once: 'extracted', always: 'schema_violation' };
    case 'no-choices':
    case 'content-filter':
    case 'content-filter-null-content':
      return { once: 'content_filter', always: 'content_filter' };
    case 'length':
      return { once: 'truncated_answer', always: 'truncated_answer' };
    case 'length-loop':
    case 'length-whitespace':
      return { once: 'truncated_loop', always: 'truncated_loop' };
    case 'thinking-ate-cap':
      return { once: 'truncated_thinking', always: 'truncated_thinking' };
    case 'refusal':
      return { once: 'refusal', always: 'refusal' };
    case 'odd-finish-reason':
      return { once: 'extracted', always: 'unexpected_finish' };
    default:
      throw new Error(`The test does not know how a record with the fault ${kind} ends`);
  }
}

/** After twenty sound records, every kind of fault once and for ever in turn, sound records between them. */
function plan(): { script: ScriptStep[]; expected: string[] } {
  const script: ScriptStep[] = [];
  const expected = Array.from({ length: RECORDS }, () => 'extracted');
  let index = 20;
  while (index < RECORDS) {
    // A daily quota stops the whole run; it has a test of its own.
    for (const kind of faultKinds.filter((name) => name !== 'daily-quota')) {
      for (const mode of ['once', 'always'] as const) {
        if (index >= RECORDS) break;
        script.push({
          fault: kind,
          contains: `Note <${index}>`,
          times: mode === 'once' ? 1 : Number.POSITIVE_INFINITY,
          retryAfterSeconds: 0,
        });
        expected[index] = endsOf(kind)[mode];
        index += 2;
      }
    }
  }
  return { script, expected };
}

test(
  '500 records through every fault: each ends as it should, every token is accounted for',
  { timeout: 120_000 },
  async () => {
    const directory = temporaryDirectory();
    const definition = writeFile(directory, 'note.ts', noteDefinition);
    const input = writeFile(directory, 'notes.jsonl', noteRecords(RECORDS));
    const out = join(directory, 'run');
    const { script, expected } = plan();
    const { emulator, flags, env } = await emulatorFor({ script, dripMs: 2, keepRequests: 0 });
    const limits = ['--max-attempts', '3', '--retry-delay-ms', '2', '--timeout-ms', '1500', '--max-reject-rate', '1'];
    const { code, stderr } = await gleaner(['run', definition, input, '--out', out, ...flags, ...limits], { env });

    expect(stderr).toContain('finished');
    expect(code).toBe(0);
    const run = readRun(out);
    expect(accountFor(run).ids).toHaveLength(RECORDS);
    const ends = Array.from({ length: RECORDS }, () => 'missing');
    for (const { index } of run.results) ends[index] = 'extracted';
    for (const { index, error } of run.rejects) ends[index] = error.code;
    expect(ends).toEqual(expected);

    const { requests, tokens, byStatus } = emulator.stats();
    const { calls: billed, ...counted } = tokens;
    expect(run.usage.tokens).toMatchObject(counted);
    expect(run.usage.calls).toMatchObject({ sent: requests, billed, unsettled: 0 });
    for (const [status, count] of Object.entries(byStatus)) {
      if (status !== 'none' && status !== '200')
        expect([status, run.usage.calls.byStatus[status]]).toEqual([status, count]);
    }
    expect(run.attempts).toHaveLength(requests);
    const wasted = run.attempts.filter(({ outcome }) => outcome !== 'extracted');
    expect(run.usage.tokens.wasted).toBe(wasted.reduce((sum, attempt) => sum + attempt.tokens.total, 0));
  },
);
