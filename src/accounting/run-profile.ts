import { isJsonObject } from '../json/value.ts';
import type { AttemptEntry, AttemptOutcome, RejectEntry, ResultEntry } from '../store/entries.ts';
import { CallTimeline, type CallEnd, type Timeline } from './call-timeline.ts';
import type { FieldProfile } from './field-tally.ts';
import { FieldTree, type NamedField, type SavedFieldTree } from './field-tree.ts';
import { LatencyHistogram, type LatencyBin } from './latency-histogram.ts';
import { RejectExamples, type RejectKind } from './reject-examples.ts';
import { endOf } from '../store/killed-sessions.ts';
import { clipText } from '../text/clip-text.ts';
import { readIsoTime } from '../text/iso-time.ts';
import { ValueCounts } from './value-counts.ts';

const MAX_ISSUE_PATHS = 200;
const MAX_CAUSES = 200;

/** Why calls gave no result. */
export interface CallCause {
  code: string;
  status: number | null;
  calls: number;
  tokens: number;
}

export interface RunProfile {
  results: number;
  /** The fields of the results' data by name, those within objects and lists included; of very many, the first ones only. */
  fields: Record<string, FieldProfile>;
  /** Results whose data has further fields, or is no object. */
  resultsBeyondFields: number;
}

/** `ReportAggregates` as a checkpoint holds them. */
export interface SavedAggregates {
  results: number;
  fields: SavedFieldTree;
  kept: number;
  resultsBeyondFields: number;
  callsPerResult: ReturnType<ValueCounts<number>['save']>;
  examples: ReturnType<RejectExamples['save']>;
  issuePaths: ReturnType<ValueCounts<string>['save']>;
  timeline: ReturnType<CallTimeline['save']>;
  latency: ReturnType<LatencyHistogram['save']>;
  causes: Map<string, CallCause>;
  latest: LatestCall | undefined;
}

/** The call of this session that ended last: until then it had lasted, should it be killed. */
type LatestCall = Pick<AttemptEntry, 'call' | 'at' | 'latencyMs' | 'via'>;

/** What the report shows beyond usage.json, gathered entry by entry in constant memory. */
export class ReportAggregates {
  #results = 0;
  readonly #fields = new FieldTree();
  /** Results of this run, not carried over, of a cascade's cheap model. */
  #kept = 0;
  /** Results whose data has fields that are not told apart any more, or is no object. */
  #resultsBeyondFields = 0;
  readonly #callsPerResult = new ValueCounts<number>(5);
  readonly #examples = new RejectExamples();
  readonly #issuePaths = new ValueCounts<string>(MAX_ISSUE_PATHS);
  readonly #timeline = new CallTimeline();
  readonly #latency = new LatencyHistogram();
  #latestEnd = Number.NEGATIVE_INFINITY;
  #latest: LatestCall | undefined;
  #causes = new Map<string, CallCause>();

  addResult(entry: ResultEntry): void {
    this.#results += 1;
    this.#callsPerResult.add(Math.min(entry.attempts, 5));
    if (entry.stage === 'cheap' && entry.reused !== true) this.#kept += 1;
    const { data } = entry;
    if (!isJsonObject(data) || this.#fields.add(data)) this.#resultsBeyondFields += 1;
  }

  addReject(entry: RejectEntry): void {
    const { code, issues } = entry.error;
    // What does not stand in the record is no refusal of the schema.
    if (code !== 'not_grounded') for (const path of new Set(issues?.map(placeOf))) this.#issuePaths.add(path);
    this.#examples.add(entry);
  }

  addAttempt(entry: AttemptEntry): void {
    const at = readIsoTime(entry.at);
    this.#timeline.add(at, CALL_ENDS[entry.outcome]);
    const end = endOf(entry, at);
    if (end > this.#latestEnd) {
      this.#latestEnd = end;
      this.#latest = entry;
    }
    if (entry.latencyMs !== undefined && entry.status !== null) this.#latency.add(entry.latencyMs);
    if (entry.outcome === 'extracted' || entry.outcome === 'part') return;
    const key = `${entry.status} ${entry.code}`;
    const cause = this.#causes.get(key);
    if (cause !== undefined) {
      cause.calls += 1;
      cause.tokens += entry.tokens.total;
    } else if (this.#causes.size < MAX_CAUSES) {
      const code = clipText(entry.code ?? entry.outcome, 60);
      this.#causes.set(key, { code, status: entry.status, calls: 1, tokens: entry.tokens.total });
    }
  }

  /** What was added so far is of earlier sessions, whose clock may have been ahead of this one's. */
  beginSession(): void {
    this.#latest = undefined;
    this.#latestEnd = Number.NEGATIVE_INFINITY;
  }

  save(): SavedAggregates {
    return {
      results: this.#results,
      fields: this.#fields.save(),
      kept: this.#kept,
      resultsBeyondFields: this.#resultsBeyondFields,
      callsPerResult: this.#callsPerResult.save(),
      examples: this.#examples.save(),
      issuePaths: this.#issuePaths.save(),
      timeline: this.#timeline.save(),
      latency: this.#latency.save(),
      causes: this.#causes,
      latest: this.#latest && latestCall(this.#latest),
    };
  }

  load(saved: SavedAggregates): void {
    this.#results = saved.results;
    this.#fields.load(saved.fields);
    this.#kept = saved.kept;
    this.#resultsBeyondFields = saved.resultsBeyondFields;
    this.#callsPerResult.load(saved.callsPerResult);
    this.#examples.load(saved.examples);
    this.#issuePaths.load(saved.issuePaths);
    this.#timeline.load(saved.timeline);
    this.#latency.load(saved.latency);
    this.#causes = saved.causes;
  }

  /** Results that are the cheap model's of a cascade. */
  get kept(): number {
    return this.#kept;
  }

  get results(): number {
    return this.#results;
  }

  get resultsBeyondFields(): number {
    return this.#resultsBeyondFields;
  }

  /** Each field before what it holds. */
  fields(): NamedField[] {
    return this.#fields.list(this.#results);
  }

  /** profile.json: what the results hold, so that nights can be compared without reading results again. */
  profile(): RunProfile {
    const fields = this.fields().sort((left, right) => (left.name < right.name ? -1 : 1));
    return {
      results: this.#results,
      fields: Object.fromEntries(fields.map(({ name, profile }) => [name, profile])),
      resultsBeyondFields: this.#resultsBeyondFields,
    };
  }

  /** How many results took so many calls, 5 standing for 5 and more. */
  callsPerResult(): [calls: number, results: number][] {
    return this.#callsPerResult.entries().sort((left, right) => left[0] - right[0]);
  }

  rejectExamples(): ReadonlyMap<string, readonly RejectKind[]> {
    return this.#examples.byCode();
  }

  /** Where the schema refused the last answers of how many records, most frequent first. */
  issuePaths(): [path: string, rejects: number][] {
    return this.#issuePaths.entries();
  }

  /** Most frequent first. */
  causes(): CallCause[] {
    return [...this.#causes.values()].sort((left, right) => right.calls - left.calls);
  }

  timeline(): Timeline {
    return this.#timeline.layOut();
  }

  latency(): LatencyBin[] {
    return this.#latency.bins();
  }
}

function latestCall({ call, at, latencyMs, via }: LatestCall): LatestCall {
  return { call, at, ...(latencyMs === undefined ? {} : { latencyMs }), ...(via === undefined ? {} : { via }) };
}

/** A JSON pointer with `*` for positions in lists. */
function placeOf({ path }: { path: string }): string {
  return clipText(path.replace(/\/\d+(?=\/|$)/g, '/*'), 100);
}

const CALL_ENDS: Readonly<Record<AttemptOutcome, CallEnd>> = {
  extracted: 'extracted',
  part: 'extracted',
  escalated: 'unusable',
  tool_calls: 'extracted',
  invalid: 'unusable',
  failed: 'failed',
  unsettled: 'failed',
};
