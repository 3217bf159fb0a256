import { BitSet } from '../store/bit-set.ts';
import type { AttemptEntry, Spending } from '../store/entries.ts';
import type { CollectedCounts } from './batch-event.ts';
import type { Shard } from './batch-state.ts';

/** What of a job's lines is in the ledger, and what is still set aside for the others. */
export class ShardAccount {
  readonly counts: CollectedCounts = {
    matched: 0,
    failed: 0,
    missing: 0,
    unmatched: 0,
    repeated: 0,
    paidTwice: 0,
    invalid: 0,
  };
  readonly #entered = new BitSet();
  readonly #held: Required<Spending>;
  readonly #share: Required<Spending>;

  constructor({ mayCost, lines }: Pick<Shard, 'mayCost' | 'lines'>) {
    const { tokens, nanoUsd = 0 } = mayCost;
    const parts = Math.max(1, lines);
    this.#held = { tokens, nanoUsd };
    this.#share = { tokens: Math.floor(tokens / parts), nanoUsd: Math.floor(nanoUsd / parts) };
  }

  /** What is still set aside. */
  get held(): Spending {
    return this.#held;
  }

  has(line: number): boolean {
    return this.#entered.has(line);
  }

  /** Notes a line of the ledger. @returns what was set aside for it */
  enter(line: number, { outcome, code }: Pick<AttemptEntry, 'outcome' | 'code'>): Spending {
    this.#entered.add(line);
    this.#count(outcome, code);
    const held = this.#held;
    const taken = {
      tokens: Math.min(this.#share.tokens, held.tokens),
      nanoUsd: Math.min(this.#share.nanoUsd, held.nanoUsd),
    };
    held.tokens -= taken.tokens;
    held.nanoUsd -= taken.nanoUsd;
    return taken;
  }

  #count(outcome: AttemptEntry['outcome'], code: string | undefined): void {
    const { counts } = this;
    if (outcome === 'failed') counts.failed += 1;
    else if (code === 'unmatched') counts.unmatched += 1;
    else if (code === 'paid_twice') counts.paidTwice += 1;
    else {
      counts.matched += 1;
      if (outcome !== 'extracted') counts.invalid += 1;
    }
  }
}
