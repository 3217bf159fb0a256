import type { Budget as RunBudget } from '../accounting/budget.ts';
import type { ServiceIdentity } from '../completion/service.ts';
import type { Quotas } from '../pacing/pacer.ts';
import type { EventListener } from './events.ts';
import type { Budget, Pacer } from './ports.ts';

/** What a run shares with other runs, as `openPool` makes it. What is in it is between it and the run. */
export interface Pool {
  /** Where it is, for people. */
  readonly name: string;
}

/** What a run knows of its pool. */
export interface WorkingPool extends Pool {
  /** Asks nothing of the pool yet: a run that sends nothing needs none. */
  enter(run: PoolRun): PoolMember;
}

/** What a pool is told of a run. */
export interface PoolRun {
  /** The run directory, in which the pool keeps by what name it knows the run. */
  directory: string;
  /** Whether the directory is still this run's to write in. */
  isHeld(): boolean;
  /** For people. */
  name: string;
  service: ServiceIdentity;
  model: string | undefined;
  isPriced: boolean;
  /** The run's own budget, with what earlier sessions have spent. */
  budget: RunBudget;
  rates: { requestsPerMinute?: number | undefined; tokensPerMinute?: number | undefined };
  /**
   * Makes the pacer of this process, which takes of the pool's quotas. `borne`: how many calls in flight the model bore when this process
   * was last in the pool with it.
   */
  openPacer(quotas: Quotas, borne: number | undefined): { pacer: Pacer; close(): Promise<void> };
  onNotice?: ((notice: string) => void) | undefined;
  emit?: EventListener | undefined;
}

/** What paces and caps the calls of a run in a pool. */
export interface PoolMember {
  pacer: Pacer;
  budget: Budget;
  /** Gives back what is not spent. */
  close(): Promise<void>;
}

/** The one place that takes a pool for what it is. */
export function workingPoolOf({ pool }: { pool?: Pool }): WorkingPool | undefined {
  return pool as WorkingPool | undefined;
}
