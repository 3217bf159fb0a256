import { Prices } from '../accounting/prices.ts';
import { ReportAggregates } from '../accounting/run-profile.ts';
import type { UsageReport } from '../accounting/usage-report.ts';
import { UsageTally } from '../accounting/usage-tally.ts';
import { findRun, type FoundRun } from '../export/find-run.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { htmlReport } from '../report/html/report.ts';
import { rejectAdvice } from '../run/session/reject-advice.ts';
import { BitSet } from '../store/bit-set.ts';
import type { AttemptEntry, RejectEntry, ResultEntry } from '../store/entries.ts';
import { describeOwnProcess, livenessOf } from '../store/lock/holder.ts';
import { endOf } from '../store/killed-sessions.ts';
import { lookAt } from '../store/lock/lock-file.ts';
import type { Manifest } from '../store/manifest.ts';
import { readBatchJobs, type BatchJobs } from './batch-jobs.ts';
import { GrownLines } from './grown-lines.ts';
import { liveUsage, usageOnFile } from './live-usage.ts';
import { readOpenCalls, type OpenCalls } from './open-calls.ts';
import { CallHistory, type RecentCalls } from './recent-calls.ts';

/** What is going on in a run directory now. */
export interface RunState {
  /** As usage.json will say it, of all that is settled so far; that of the last session where none is at work. */
  usage: UsageReport;
  manifest: Manifest;
  /** Whether a process works on the run: `unknown` for one on another machine. */
  session: {
    state: 'at work' | 'ended' | 'killed' | 'unknown';
    holder: { pid: number; host: string; since: string } | null;
  };
  openCalls: OpenCalls;
  recent: RecentCalls;
  /** About how many records ended with calls of the last session, and when that began. */
  pace: { records: number; since: string };
  /** Null where none were used. */
  batch: BatchJobs | null;
}

/**
 * Reads a run directory that another process may be at work in, and reads on each time it is asked. Takes no lock and writes nothing. Memory
 * does not depend on the run, but for a bit for each record and call.
 */
export class RunFollower {
  readonly #directory: string;
  #run: FoundRun;
  #files!: { results: GrownLines; rejects: GrownLines; attempts: GrownLines };
  #tally!: UsageTally;
  #aggregates!: ReportAggregates;
  #ended!: BitSet;
  #settled!: BitSet;
  #counts!: { extracted: number; reused: number; rejected: number };
  #recent!: CallHistory;
  /** Calls of the session at work, in all calls. */
  #sessionCalls!: number;
  #calls!: number;
  /** When the call of the ledger that ended last had ended. */
  #lastEnd!: number;

  /** @throws {GleanerError} when the directory is missing or holds no run */
  constructor(directory: string) {
    this.#directory = directory;
    this.#run = findRun(directory);
    this.#begin();
  }

  /** @throws {GleanerError} when the directory holds no run any more */
  read(): RunState {
    this.#run = findRun(this.#directory);
    const { results, rejects, attempts } = this.#files;
    // Rejects that are tried again leave their file, and changes that were accepted set results aside.
    if (results.isReplaced || rejects.isReplaced || attempts.isReplaced) this.#begin();
    // Before the ends of records: a record that has ended has no open call.
    const openCalls = readOpenCalls({
      readLedger: () => this.#files.attempts.read((entry) => this.#addAttempt(entry)),
      readNotes: (take) => new GrownLines(this.#run.file('inflight')).read(take),
      isSettled: (call) => this.#settled.has(call),
    });
    this.#files.results.read((entry) => this.#addResult(entry));
    this.#files.rejects.read((entry) => this.#addReject(entry));
    return this.#state(openCalls);
  }

  /** The page for people, of what was read by now. */
  page({ usage, manifest }: Pick<RunState, 'usage' | 'manifest'>): string {
    return htmlReport({
      directory: this.#directory,
      usage,
      manifest,
      aggregates: this.#aggregates,
      advice: rejectAdvice,
    });
  }

  #begin(): void {
    const { file, manifest } = this.#run;
    const { model } = manifest.identity;
    const prices = new Prices({ model: typeof model === 'string' ? model : undefined });
    this.#files = {
      results: new GrownLines(file('results')),
      rejects: new GrownLines(file('rejects')),
      attempts: new GrownLines(file('attempts')),
    };
    this.#tally = new UsageTally({
      priceCall: (entry) => prices.costOf(entry),
      model: typeof model === 'string' ? model : undefined,
    });
    this.#aggregates = new ReportAggregates();
    this.#ended = new BitSet();
    this.#settled = new BitSet();
    this.#counts = { extracted: 0, reused: 0, rejected: 0 };
    this.#recent = new CallHistory();
    this.#calls = 0;
    this.#lastEnd = 0;
    this.#sessionCalls = 0;
  }

  #addAttempt(entry: JsonObject): void {
    const { call, status, code, outcome, at } = entry as JsonObject & AttemptEntry;
    if (typeof call !== 'number' || this.#settled.has(call)) return;
    this.#settled.add(call);
    this.#tally.addAttempt(entry as JsonObject & AttemptEntry);
    this.#aggregates.addAttempt(entry as JsonObject & AttemptEntry);
    this.#recent.add({ outcome, status, at, ...(code === undefined ? {} : { code }) });
    this.#calls += 1;
    this.#lastEnd = Math.max(this.#lastEnd, endOf(entry as JsonObject & AttemptEntry));
    if (at >= (this.#run.manifest.sessions.at(-1)?.startedAt ?? '')) this.#sessionCalls += 1;
  }

  #addResult(entry: JsonObject): void {
    if (!this.#isFirst(entry)) return;
    this.#counts.extracted += 1;
    if (entry['reused'] === true) this.#counts.reused += 1;
    this.#aggregates.addResult(entry as JsonObject & ResultEntry);
  }

  #addReject(entry: JsonObject): void {
    if (!this.#isFirst(entry) || !isJsonObject(entry['error'])) return;
    this.#counts.rejected += 1;
    this.#tally.addReject(String(entry['error']['code']));
    this.#aggregates.addReject(entry as JsonObject & RejectEntry);
  }

  #isFirst({ index }: JsonObject): boolean {
    if (typeof index !== 'number' || this.#ended.has(index)) return false;
    this.#ended.add(index);
    return true;
  }

  #state(openCalls: OpenCalls): RunState {
    const { manifest } = this.#run;
    const session = this.#session();
    return {
      usage: liveUsage({
        manifest,
        onFile: usageOnFile(this.#run),
        counts: this.#counts,
        tally: this.#tally,
        openCalls: openCalls.count,
        endedAt: session.state === 'killed' ? this.#lastStamp(openCalls) : Date.now(),
      }),
      manifest,
      session,
      openCalls,
      recent: this.#recent.look(),
      pace: this.#pace(),
      batch: readBatchJobs(this.#run.file('batches')),
    };
  }

  /** Lines of results have no time, so records are taken to have ended as evenly as their calls. */
  #pace(): RunState['pace'] {
    const { extracted, reused, rejected } = this.#counts;
    const share = this.#calls === 0 ? 0 : this.#sessionCalls / this.#calls;
    return {
      records: Math.round((extracted + rejected - reused) * share),
      since: this.#run.manifest.sessions.at(-1)?.startedAt ?? new Date().toISOString(),
    };
  }

  #session(): RunState['session'] {
    const { holder } = lookAt(this.#run.file('lock')) ?? {};
    const { status } = this.#run.manifest;
    if (holder === undefined) return { state: status === 'running' ? 'killed' : 'ended', holder: null };
    const { pid, host, since } = holder;
    const liveness = livenessOf(holder, describeOwnProcess(false), 'unavailable');
    const state = liveness === 'alive' ? 'at work' : liveness === 'dead' ? 'killed' : 'unknown';
    return { state: state === 'killed' && status !== 'running' ? 'ended' : state, holder: { pid, host, since } };
  }

  /** What is known of the time until which a killed session lived. */
  #lastStamp({ oldestAt }: OpenCalls): number {
    return Math.max(this.#lastEnd, oldestAt === null ? 0 : Date.parse(oldestAt));
  }
}
