import { join } from 'node:path';
import type { Budget } from '../../accounting/budget.ts';
import { readLines } from '../../files/read-json-lines.ts';
import { BitSet } from '../../store/bit-set.ts';
import type { AttemptEntry, CallEntry } from '../../store/entries.ts';
import { fileNames } from '../../store/run-directory.ts';
import { unsettledCall } from '../../store/unsettled-call.ts';
import type { PartLengths } from '../parts/part-names.ts';
import type { Amount } from '../pool/pool-store.ts';

/**
 * What was spent in a part at most: what its ledger says, and the most that the calls can cost that were noted and have no line there. The
 * part is only read, since the process that writes it may be frozen and not dead.
 *
 * @returns undefined where files are damaged, so that nobody can know
 */
export function spendingOfPart(
  directory: string,
  lengths: PartLengths,
  budget: Pick<Budget, 'addEarlier' | 'spent'>,
): Amount | undefined {
  const settled = new BitSet();
  let isDamaged = false;
  const linesOf = function* (file: 'attempts' | 'inflight'): Generator<unknown> {
    if (lengths[file] === 0) return;
    for (const { offset, bytes } of readLines(join(directory, fileNames[file]))) {
      if (offset + bytes.length >= lengths[file]) return;
      try {
        yield JSON.parse(bytes.toString('utf8'));
      } catch {
        isDamaged = true;
      }
    }
  };
  for (const value of linesOf('attempts')) {
    const entry = value as AttemptEntry;
    settled.add(entry.call);
    budget.addEarlier(entry);
  }
  for (const value of linesOf('inflight')) {
    const note = value as CallEntry;
    if (!settled.has(note.call)) budget.addEarlier(unsettledCall(note));
  }
  return isDamaged ? undefined : budget.spent;
}
