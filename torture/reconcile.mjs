import { join } from 'node:path';
import { entries } from './json-lines.mjs';

/** Faults for which an answer is made, and billed, that no client can read the tokens of. */
const undelivered = new Set([
  'reset-mid-body',
  'stall-mid-body',
  'truncated-body',
  'wrong-content-length',
  'empty-body',
  'html-body',
  'missing-usage',
]);

/**
 * Lays the ledger beside what the service saw, record by record. Every call that reached the service stands in the ledger, every token the ledger
 * counts was reported by the service, and what the service reported beyond that belongs to a call that the ledger has as unsettled.
 * Of a ledger that has calls of another kind, too, `isCounted` picks those that went to the service so.
 */
export function reconcile(out, requests, isCounted = () => true) {
  const problems = [];
  const byRecord = new Map();
  const of = (id) => {
    let seen = byRecord.get(id);
    if (seen === undefined)
      byRecord.set(id, (seen = { served: 0, told: [], calls: 0, unsettled: 0, counted: [], kept: 0 }));
    return seen;
  };
  for (const { body, usage, fault } of requests) {
    const [, number] = /Note <(\d+)>/.exec(JSON.stringify(body.messages)) ?? [];
    const seen = of(`note-${number}`);
    seen.served += 1;
    if (usage !== undefined && !undelivered.has(fault)) seen.told.push(usage.total);
  }
  for (const entry of entries(join(out, 'attempts.jsonl'))) {
    if (!isCounted(entry)) continue;
    const { id, outcome, code, tokens } = entry;
    const seen = of(id);
    seen.calls += 1;
    // Of a call that was given up, nobody knows whether it was answered: the most that it can cost is in the ledger.
    if (outcome === 'unsettled' || code === 'timeout') seen.unsettled += 1;
    if (outcome === 'extracted') seen.kept += 1;
    if (tokens.total > 0) seen.counted.push(tokens.total);
  }
  let paidAgain = 0;
  let unexplainedTokens = 0;
  for (const [id, { served, told, calls, unsettled, counted, kept }] of byRecord) {
    if (served > calls) problems.push(`${id}: the service was asked ${served} times, the ledger has ${calls} calls`);
    if (calls - unsettled > served) problems.push(`${id}: the ledger has calls that the service never saw`);
    const rest = [...told];
    for (const total of counted) {
      const at = rest.indexOf(total);
      if (at === -1) problems.push(`${id}: the ledger counts ${total} tokens that the service did not report`);
      else rest.splice(at, 1);
    }
    if (rest.length > unsettled) {
      unexplainedTokens += rest.reduce((sum, total) => sum + total, 0);
      problems.push(
        `${id}: ${rest.length} answers are not in the ledger, which has ${unsettled} unsettled calls for it`,
      );
    }
    // An answer that was made and got lost with the process, and one whose line was cut off afterwards, are asked for once more.
    paidAgain += rest.length + Math.max(0, kept - 1);
  }
  return { paidAgain, unexplainedTokens, problems };
}
