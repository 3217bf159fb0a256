/** Tokens and billionths of a US dollar. */
export interface Amount {
  tokens: number;
  nanoUsd: number;
}

/** Of a pair of caps or rates, those that are set. */
export type Caps = Partial<Amount>;

/** The caps of a run, and the number of the submission that named them: those of the highest hold, and where it names none, there is none. */
export interface RunCaps extends Caps {
  /** 0 for a run that is not submitted. */
  revision: number;
}

export interface Rates {
  requestsPerMinute?: number | undefined;
  tokensPerMinute?: number | undefined;
}

/** Whose spending it is. A session that joins with an account ends the one that had it before. */
export interface PoolAccount {
  /** What of the pool's spending belongs together: one run, or all parts of one. */
  run: string;
  /** One run directory. */
  id: string;
  /** One session over it, known by a name of its own. */
  session: string;
  /** For people. */
  name: string;
}

/** What a session has last known of a pool, by which it tells whether the pool has forgotten. */
export interface PoolMemory {
  epoch: string;
  /** Epochs before this one that the session has seen. A pool in one of them has been set back. */
  earlier: readonly string[];
  version: number;
  /** What counted against the caps of the pool and of the run, and this account's part of it. */
  total: Amount;
  runTotal: Amount;
  /** 0 for a session that is over: its ledger knows what counts. */
  own: Amount;
}

/** What a session wants of the pool, and tells it. All amounts of money are totals, so that telling them twice changes nothing. */
export interface PoolAsk {
  account: PoolAccount;
  /** What is spent for certain. */
  spent: Amount;
  /** And what calls in flight may add to it: it counts whatever the caps say. */
  committed: Amount;
  /** The least that is of use beside that, and what would be better. The claim is not raised where the caps leave less than `needed`. */
  needed: Amount;
  wanted: Amount;
  /** Calls and tokens that wait for their turn. */
  calls: number;
  tokens: number;
  /** Tokens that were taken and not used, in all; below 0 where more was used. */
  credit: number;
  /** For how long nobody is to send anything. */
  pauseMs: number;
  /** Whether an answer came since the last time, and how many calls failed after it. */
  answered: boolean;
  failures: number;
  /** Whether a call waits that could try a service which does not answer. */
  wantsProbe: boolean;
  /** Whether the session ends. */
  leaves: boolean;
  leaseMs: number;
}

/** How a session comes into a pool, or back into one that has forgotten it. */
export interface PoolJoin {
  /** The epoch of the pool, if it begins with this session. */
  newEpoch: string;
  caps: Caps;
  runCaps: RunCaps;
  rates: Rates;
  memory: PoolMemory | undefined;
}

/** What the claim of an account is lowered to whose session is gone, once somebody has read in its directory what it spent at most. */
export interface PoolLowering {
  /** In the session's place: it never comes back. */
  account: PoolAccount;
  /** The session as it was when its lease was found to be over; one that was heard of since may have spent more. */
  lowers: { session: string; seen: number };
  spent: Amount;
}

/** `alive` and `unknown` leave the claim as it is. */
export type LoweredClaim = 'lowered' | 'alive' | 'unknown';

/** `right`: nothing is claimed that is not spent. `kept`: the claim stands, for now or for good. */
export type ClaimEnd = 'lowered' | 'right' | 'kept';

/** The pool as it stands after an exchange. */
export interface PoolState {
  kind: 'state';
  epoch: string;
  version: number;
  /** Whether sessions have told it more than it remembered. */
  hasLost: boolean;
  /** Up to where this account may spend. */
  claim: Amount;
  /** What counts against the caps of the pool. */
  total: Amount;
  caps: Caps;
  runTotal: Amount;
  runCaps: Caps;
  /** Sessions at work, this one included, and how many others hold what they may give back. */
  live: number;
  othersHolding: number;
  /** For how long no claim is raised, because sessions have to come back into a pool that has forgotten them. */
  graceMs: number;
  rates: Rates;
  /** When the turn of the first call comes, and that of the first token, from now on. */
  callsInMs: number;
  tokensInMs: number;
  pauseMs: number;
  /** Calls of all sessions that failed in a row, and for how long. */
  failures: number;
  silentMs: number;
  /** Whether this session may try a service that does not answer. */
  isProbe: boolean;
}

export type PoolReply =
  | PoolState
  /** The pool does not know the session: it has begun anew, or lost what came last. */
  | { kind: 'unknown' }
  /** Another session works on this account. */
  | { kind: 'superseded' };

/** Where a pool is kept. Exchanges are atomic, and everything in them is decided by one clock, its own. */
export interface PoolStore {
  /** Where it is, for people. */
  readonly name: string;
  join(ask: PoolAsk, join: PoolJoin): Promise<PoolReply>;
  exchange(ask: PoolAsk, known: Pick<PoolMemory, 'epoch' | 'version'>): Promise<PoolReply>;
  lower(lowering: PoolLowering): Promise<LoweredClaim>;
}

/** Calls of all sessions that failed in a row after which one at a time tries the service, and how long nothing is sent before. */
export const BREAKER = { after: 20, firstPauseMs: 1000, longestPauseMs: 60_000 };

/** What is left below a quota: timers jitter, and a call that is a little late falls into the next minute. */
export const RATE_MARGIN = 0.995;

/** A turn that has passed unused may be taken for so long. */
export const LATE_MS = 50;

/** A pool that is new grants nothing for this share of a lease: runs may know it of old, and come back with what they have spent. */
export const FRESH_GRACE_SHARE = 5;

/** Of an account, the last sessions that others replaced are known, as a text: 16 random names and a space behind each. */
export const LOST_CHARACTERS = 16 * 37;
