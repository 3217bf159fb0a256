import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entries } from './json-lines.mjs';

/** What a session leaves behind only where it was killed. */
const LEFT_BEHIND = /\.tmp$|^run\.lock|^(?:inflight|retrying|answered)\.jsonl$/;

/**
 * Reads a finished run's files line by line: how often each row of the input ended, whether the ledger's sums are those of
 * usage.json, and whether page and manifest tell of the same end. Needs one byte a record.
 */
export function checkRun(out, records) {
  const ends = new Uint8Array(records);
  const problems = [];
  let extracted = 0;
  let rejected = 0;
  for (const [name, note] of [
    ['results.jsonl', () => (extracted += 1)],
    ['rejects.jsonl', () => (rejected += 1)],
  ]) {
    for (const { id, index } of entries(join(out, name))) {
      if (id !== `note-${index}`) problems.push(`${name}: row ${index} has the id ${id}`);
      if (ends[index] < 255) ends[index] += 1;
      note();
    }
  }
  let lost = 0;
  let doubled = 0;
  for (const count of ends) {
    if (count === 0) lost += 1;
    if (count > 1) doubled += 1;
  }
  const ledger = { calls: 0, unsettled: 0, billed: 0, tokens: 0 };
  const numbers = new Set();
  let highest = 0;
  for (const { call, outcome, tokens } of entries(join(out, 'attempts.jsonl'))) {
    ledger.calls += 1;
    if (outcome === 'unsettled') ledger.unsettled += 1;
    if (tokens.total > 0) ledger.billed += 1;
    ledger.tokens += tokens.total;
    // Calls end out of order, but not by much: those up to `highest` are all there, `numbers` holds the others.
    if (call <= highest || numbers.has(call)) problems.push(`The ledger has call ${call} twice`);
    numbers.add(call);
    while (numbers.delete(highest + 1)) highest += 1;
  }
  const usage = JSON.parse(readFileSync(join(out, 'usage.json'), 'utf8'));
  const expected = [
    ['records.extracted', usage.records.extracted, extracted],
    ['records.rejected', usage.records.rejected, rejected],
    ['records.remaining', usage.records.remaining, 0],
    ['calls.sent', usage.calls.sent, ledger.calls],
    ['calls.unsettled', usage.calls.unsettled, ledger.unsettled],
    ['tokens.total', usage.tokens.total, ledger.tokens],
    ['status', usage.status, 'finished'],
  ];
  for (const [name, told, counted] of expected) {
    if (told !== counted) problems.push(`usage.json says ${told} for ${name}, the files say ${counted}`);
  }
  const { status } = JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'));
  if (status !== 'finished') problems.push(`run.json says ${status} of a finished run`);
  const counts = `${inWords(extracted)} extracted, ${inWords(rejected)} rejected, 0 remaining`;
  if (!readFileSync(join(out, 'report.html'), 'utf8').includes(counts)) {
    problems.push(`report.html does not say "${counts}"`);
  }
  const left = readdirSync(out).filter((name) => LEFT_BEHIND.test(name));
  if (left.length > 0) problems.push(`${left} was left behind`);
  return { extracted, rejected, lost, doubled, ledger, problems };
}

function inWords(count) {
  return count.toLocaleString('en-US');
}
