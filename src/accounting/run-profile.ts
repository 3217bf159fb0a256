import { isJsonObject } from '../json/value.ts';
import type { AttemptEntry, AttemptOutcome, RejectEntry, ResultEntry } from '../store/entries.ts';
import { CallTimeline, type CallEnd, type Timeline } from './call-timeline.ts';
import { FieldTally, type FieldProfile, type FieldSummary } from './field-tally.ts';
import { LatencyHistogram, type LatencyBin } from './latency-histogram.ts';
import { clipText } from '../text/clip-text.ts';
import { ValueCounts } from './value-counts.ts';

const MAX_FIELDS = 60;
const MAX_CODES = 40;
const MAX_EXAMPLES = 20;
const MAX_ISSUE_PATHS = 200;
const MAX_CAUSES = 200;

export interface RejectExample {
  id: string | null;
  index: number;
  line: number | undefined;
  message: string;
}

/** Why calls gave no result. */
export interface CallCause {
  code: string;
  status: number | null;
  calls: number;
  tokens: number;
}

export interface RunProfile {
  results: number;
  /** The fields of the results' data, by name; of results with very many fields, the first ones only. */
  fields: Record<string, FieldProfile>;
  /** Results whose data has further fields, or is no object. */
  resultsBeyondFields: number;
}

/** What the report shows beyond usage.json, gathered entry by entry in constant memory. */
export class ReportAggregates {
  #results = 0;
  readonly #fields = new Map<string, FieldTally>();
  /** Results of this run, not carried over, of a cascade's cheap model. */
  #kept = 0;
  /** Results whose data has fields that are not told apart any more, or is no object. */
  #resultsBeyondFields = 0;
  readonly #callsPerResult = new ValueCounts<number>(5);
  readonly #examples = new Map<string, RejectExample[]>();
  readonly #issuePaths = new ValueCounts<string>(MAX_ISSUE_PATHS);
  readonly #timeline = new CallTimeline();
  readonly #latency = new LatencyHistogram();
  readonly #causes = new Map<string, CallCause>();

  addResult(entry: ResultEntry): void {
    this.#results += 1;
    this.#callsPerResult.add(Math.min(entry.attempts, 5));
    if (entry.stage === 'cheap' && entry.reused !== true) this.#kept += 1;
    const { data } = entry;
    if (!isJsonObject(data)) {
      this.#resultsBeyondFields += 1;
      return;
    }
    let isBeyond = false;
    for (const name of Object.keys(data)) {
      const field = this.#field(name);
      if (field === undefined) isBeyond = true;
      else field.add(data[name] ?? null);
    }
    if (isBeyond) this.#resultsBeyondFields += 1;
  }

  addReject(entry: RejectEntry): void {
    const { code, message, line, issues } = entry.error;
    // What does not stand in the record is no refusal of the schema.
    if (code !== 'not_grounded') for (const path of new Set(issues?.map(placeOf))) this.#issuePaths.add(path);
    const name = clipText(code, 60);
    let examples = this.#examples.get(name);
    if (examples === undefined) {
      if (this.#examples.size >= MAX_CODES) return;
      examples = [];
      this.#examples.set(name, examples);
    }
    if (examples.length >= MAX_EXAMPLES) return;
    const id = entry.id === null ? null : clipText(entry.id, 80);
    examples.push({ id, index: entry.index, line, message: clipText(message, 200) });
  }

  addAttempt(entry: AttemptEntry): void {
    this.#timeline.add(Date.parse(entry.at), CALL_ENDS[entry.outcome]);
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

  fields(): FieldSummary[] {
    return [...this.#fields].map(([name, field]) => field.summary(name, this.#results));
  }

  /** profile.json: what the results hold, so that nights can be compared without reading results again. */
  profile(): RunProfile {
    const fields = [...this.#fields].sort(([left], [right]) => (left < right ? -1 : 1));
    return {
      results: this.#results,
      fields: Object.fromEntries(fields.map(([name, field]) => [name, field.profile(this.#results)])),
      resultsBeyondFields: this.#resultsBeyondFields,
    };
  }

  /** How many results took so many calls, 5 standing for 5 and more. */
  callsPerResult(): [calls: number, results: number][] {
    return this.#callsPerResult.entries().sort((left, right) => left[0] - right[0]);
  }

  /** At most 20 in all, as many of each code as fit. */
  rejectExamples(): ReadonlyMap<string, readonly RejectExample[]> {
    const chosen = new Map<string, RejectExample[]>();
    let free = MAX_EXAMPLES;
    for (let turn = 0; turn < MAX_EXAMPLES; turn += 1) {
      for (const [code, examples] of this.#examples) {
        const example = examples[turn];
        if (example === undefined || free === 0) continue;
        free -= 1;
        chosen.set(code, [...(chosen.get(code) ?? []), example]);
      }
    }
    return chosen;
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

  #field(name: string): FieldTally | undefined {
    const known = this.#fields.get(name);
    if (known !== undefined || this.#fields.size >= MAX_FIELDS) return known;
    const field = new FieldTally();
    this.#fields.set(name, field);
    return field;
  }
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
