import type { UsageReport } from '../../accounting/usage-report.ts';
import { readReport } from '../../export/read-report.ts';
import { GleanerError } from '../../gleaner-error.ts';

export interface Caps {
  maxCostUsd?: number | undefined;
  maxTotalTokens?: number | undefined;
}

/** Caps that several run directories share: what one of them has spent, in earlier sessions too, the others cannot. */
export class SharedCaps {
  readonly #caps: Caps;
  readonly #spent = new Map<string, { usd: number; tokens: number }>();

  constructor(directories: readonly string[], caps: Caps) {
    this.#caps = caps;
    for (const directory of directories) {
      const usage = usageOf(directory);
      if (usage !== undefined) this.note(directory, usage);
    }
  }

  /** Takes what a directory has spent by now. */
  note(directory: string, { limits, cost, tokens }: Pick<UsageReport, 'limits' | 'cost' | 'tokens'>): void {
    const { costUsd, totalTokens } = limits.counted;
    this.#spent.set(directory, { usd: costUsd ?? cost.usd ?? 0, tokens: Math.max(totalTokens, tokens.total) });
  }

  /** The caps that a directory may be run with, which count what it has spent itself; undefined where nothing is left for it. */
  leftFor(directory: string): { maxCostUsd?: number; maxTotalTokens?: number } | undefined {
    let [usd, tokens] = [0, 0];
    for (const [name, spent] of this.#spent) {
      if (name === directory) continue;
      usd += spent.usd;
      tokens += spent.tokens;
    }
    const { maxCostUsd, maxTotalTokens } = this.#caps;
    const left = {
      ...(maxCostUsd === undefined ? {} : { maxCostUsd: maxCostUsd - usd }),
      ...(maxTotalTokens === undefined ? {} : { maxTotalTokens: maxTotalTokens - tokens }),
    };
    return Object.values(left).every((room) => room > 0) ? left : undefined;
  }
}

/** Nothing where no session has ended there yet. */
function usageOf(directory: string): UsageReport | undefined {
  try {
    return readReport(directory).usage;
  } catch (error) {
    if (error instanceof GleanerError) return undefined;
    throw error;
  }
}
