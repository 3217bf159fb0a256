import { zeroUsage, type TokenUsage } from '../completion/usage.ts';
import { toUsd, type NanoUsd } from './price-of.ts';
import { fieldOfPointer } from '../json/pointer.ts';
import type { AttemptEntry } from '../store/entries.ts';
import { CascadeTally } from './cascade-tally.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import type { UsageReport, UsageSlice } from './usage-report.ts';

/** Most models or traffic types that are told apart; the others are counted as one. */
const MAX_NAMES = 50;
const OTHER = 'other';

export interface UsageTallyOptions {
  /** The price of one call; undefined where the model's price is not known. */
  priceCall(entry: AttemptEntry): NanoUsd | undefined;
  /** Names a call's model where the response did not. */
  model: string | undefined;
}

/** A `UsageTally` as a checkpoint holds it. */
export interface SavedTally {
  counts: Record<'sent' | 'billed' | 'unmetered' | 'unsettled' | 'repaired' | 'wasted' | 'cost' | 'wastedCost', number>;
  isLowerBound: boolean;
  coerced: Map<string, Map<string, number>>;
  tokens: TokenUsage;
  byStatus: Map<string, number>;
  byKind: Map<string, number>;
  rejectsByCode: Map<string, number>;
  byTrafficType: Map<string, UsageSlice>;
  byModel: Map<string, UsageSlice>;
  unpricedModels: Set<string>;
  latency: ReturnType<LatencyHistogram['save']>;
}

/** Adds up a ledger, entry by entry, in constant memory: from the file when a run is continued, then as calls end. */
export class UsageTally {
  readonly #options: UsageTallyOptions;
  #sent = 0;
  #billed = 0;
  #unmetered = 0;
  #unsettled = 0;
  #isLowerBound = false;
  #repaired = 0;
  #coerced = new Map<string, Map<string, number>>();
  #tokens: TokenUsage = { ...zeroUsage };
  #wasted = 0;
  #cost: NanoUsd = 0;
  #wastedCost: NanoUsd = 0;
  #byStatus = new Map<string, number>();
  #byKind = new Map<string, number>();
  #rejectsByCode = new Map<string, number>();
  #byTrafficType = new Map<string, UsageSlice>();
  #byModel = new Map<string, UsageSlice>();
  #unpricedModels = new Set<string>();
  readonly #latency = new LatencyHistogram();
  /** Where calls say which model of a cascade they asked. */
  #cascade: CascadeTally | undefined;

  constructor(options: UsageTallyOptions) {
    this.#options = options;
  }

  get sent(): number {
    return this.#sent;
  }

  get tokens(): Readonly<TokenUsage> {
    return this.#tokens;
  }

  /** US dollars so far; undefined when a call's price is not known. */
  get usd(): number | undefined {
    return this.#unpricedModels.size === 0 ? toUsd(this.#cost) : undefined;
  }

  addAttempt(entry: AttemptEntry): void {
    this.#sent += 1;
    if (entry.outcome === 'unsettled') this.#unsettled += 1;
    const isUnmetered = entry.status === 200 && entry.tokens.total === 0;
    if (isUnmetered) this.#unmetered += 1;
    if (isUnmetered || entry.outcome === 'unsettled' || entry.mayCost !== undefined) this.#isLowerBound = true;
    if (entry.repaired !== undefined) this.#repaired += 1;
    if (entry.coerced !== undefined) this.#countCoerced(entry.coerced);
    count(this.#byStatus, statusName(entry));
    count(this.#byKind, entry.kind);
    if (entry.latencyMs !== undefined && entry.status !== null) this.#latency.add(entry.latencyMs);
    const { tokens } = entry;
    if (entry.stage === 'cheap' || entry.stage === 'strong') {
      this.#cascade ??= new CascadeTally();
      this.#cascade.add(entry, tokens.total === 0 ? 0 : this.#options.priceCall(entry));
    }
    if (tokens.total === 0) return;
    this.#billed += 1;
    addInto(this.#tokens, tokens);
    const isWasted = !USEFUL_OUTCOMES.has(entry.outcome);
    if (isWasted) this.#wasted += tokens.total;
    const model = entry.model ?? this.#options.model ?? 'unknown';
    addSlice(this.#byModel, model, tokens);
    addSlice(this.#byTrafficType, entry.trafficType ?? 'UNREPORTED', tokens);
    const cost = this.#options.priceCall(entry);
    if (cost === undefined) {
      this.#unpricedModels.add(boundedKey(this.#unpricedModels, model));
      return;
    }
    this.#cost += cost;
    if (isWasted) this.#wastedCost += cost;
  }

  #countCoerced(coerced: NonNullable<AttemptEntry['coerced']>): void {
    for (const { path, rule } of coerced) {
      let fields = this.#coerced.get(rule);
      if (fields === undefined) this.#coerced.set(rule, (fields = new Map()));
      count(fields, boundedKey(fields, fieldOfPointer(path)));
    }
  }

  /** Undefined for the ledger of a cascade, which is added up from its lines. */
  save(): SavedTally | undefined {
    if (this.#cascade !== undefined) return undefined;
    return {
      counts: {
        sent: this.#sent,
        billed: this.#billed,
        unmetered: this.#unmetered,
        unsettled: this.#unsettled,
        repaired: this.#repaired,
        wasted: this.#wasted,
        cost: this.#cost,
        wastedCost: this.#wastedCost,
      },
      isLowerBound: this.#isLowerBound,
      coerced: this.#coerced,
      tokens: this.#tokens,
      byStatus: this.#byStatus,
      byKind: this.#byKind,
      rejectsByCode: this.#rejectsByCode,
      byTrafficType: this.#byTrafficType,
      byModel: this.#byModel,
      unpricedModels: this.#unpricedModels,
      latency: this.#latency.save(),
    };
  }

  load({ counts, latency, ...saved }: SavedTally): void {
    this.#sent = counts.sent;
    this.#billed = counts.billed;
    this.#unmetered = counts.unmetered;
    this.#unsettled = counts.unsettled;
    this.#repaired = counts.repaired;
    this.#wasted = counts.wasted;
    this.#cost = counts.cost;
    this.#wastedCost = counts.wastedCost;
    this.#isLowerBound = saved.isLowerBound;
    this.#coerced = saved.coerced;
    this.#tokens = saved.tokens;
    this.#byStatus = saved.byStatus;
    this.#byKind = saved.byKind;
    this.#rejectsByCode = saved.rejectsByCode;
    this.#byTrafficType = saved.byTrafficType;
    this.#byModel = saved.byModel;
    this.#unpricedModels = saved.unpricedModels;
    this.#latency.load(latency);
  }

  /** What the calls of a cascade add up to; undefined where there was none. */
  get cascade(): CascadeTally | undefined {
    return this.#cascade;
  }

  addReject(code: string): void {
    count(this.#rejectsByCode, code);
  }

  report(): Pick<
    UsageReport,
    'rejectsByCode' | 'calls' | 'tokens' | 'byTrafficType' | 'byModel' | 'cost' | 'latencyMs'
  > {
    const isPriced = this.#unpricedModels.size === 0;
    return {
      rejectsByCode: Object.fromEntries([...this.#rejectsByCode].sort()),
      calls: {
        sent: this.#sent,
        billed: this.#billed,
        unmetered: this.#unmetered,
        unsettled: this.#unsettled,
        repaired: this.#repaired,
        coerced: Object.fromEntries([...this.#coerced].map(([rule, fields]) => [rule, Object.fromEntries(fields)])),
        byStatus: Object.fromEntries([...this.#byStatus].sort()),
        byKind: Object.fromEntries(this.#byKind),
      },
      tokens: { ...this.#tokens, wasted: this.#wasted },
      byTrafficType: Object.fromEntries(this.#byTrafficType),
      byModel: Object.fromEntries(this.#byModel),
      cost: {
        usd: isPriced ? toUsd(this.#cost) : null,
        isLowerBound: this.#isLowerBound,
        wastedUsd: isPriced ? toUsd(this.#wastedCost) : null,
        unpricedModels: [...this.#unpricedModels],
      },
      latencyMs: {
        p50: this.#latency.percentile(0.5),
        p90: this.#latency.percentile(0.9),
        p99: this.#latency.percentile(0.99),
        max: this.#latency.max,
      },
    };
  }
}

/** Outcomes of calls that had a part in a result. */
const USEFUL_OUTCOMES: ReadonlySet<AttemptEntry['outcome']> = new Set(['extracted', 'part', 'tool_calls']);

function statusName(entry: AttemptEntry): string {
  if (entry.status !== null) return String(entry.status);
  if (entry.outcome === 'unsettled') return 'unsettled';
  return entry.code === 'timeout' ? 'timeout' : 'network';
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Member by member: every call passes here three times, and a copy poured over the sum costs four times as much. */
function addInto(sum: TokenUsage, tokens: TokenUsage): void {
  sum.prompt += tokens.prompt;
  sum.cached += tokens.cached;
  sum.completion += tokens.completion;
  sum.reasoning += tokens.reasoning;
  sum.total += tokens.total;
}

/** A service that names a new model with each answer must not fill the memory. */
function boundedKey(known: ReadonlyMap<string, unknown> | ReadonlySet<string>, key: string): string {
  return known.size < MAX_NAMES || known.has(key) ? key : OTHER;
}

function addSlice(slices: Map<string, UsageSlice>, name: string, tokens: TokenUsage): void {
  const key = boundedKey(slices, name);
  const slice = slices.get(key);
  if (slice === undefined) {
    slices.set(key, { calls: 1, tokens: { ...tokens } });
    return;
  }
  slice.calls += 1;
  addInto(slice.tokens, tokens);
}
