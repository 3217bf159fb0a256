import { createHash } from 'node:crypto';
import { readJsonLines } from '../files/read-json-lines.ts';
import { toNativeRequest } from '../native/to-native-request.ts';
import type { LaneEnd, LaneRun } from '../run/lane.ts';
import type { SessionEnd } from '../run/session/run-session.ts';
import type { AttemptEntry } from '../store/entries.ts';
import { figuresOf } from './batch-figures.ts';
import { BatchLog } from './batch-log.ts';
import type { BatchSettings } from './batch-options.ts';
import { BatchPass, type PassEnd } from './batch-pass.ts';
import type { BatchState, Shard } from './batch-state.ts';
import { Collector } from './collector.ts';
import { parseDeadline } from './deadline.ts';
import { JobWatch } from './job-watch.ts';
import { endOfError, resumableEnd } from './lane-end.ts';
import { LaneJournal } from './lane-journal.ts';
import { lookAhead } from './look-ahead.ts';
import { MediaUploads } from './media-uploads.ts';
import { demandPlace, refusalOf } from './refusal.ts';
import { ShardWriter } from './shard-writer.ts';
import { WayTally } from './way-tally.ts';
import { Spool } from './spool.ts';
import { submitShard } from './submit-shard.ts';

/**
 * One session of a run by batch jobs. A pass reads the input from its first row on: records whose jobs have ended get their answers,
 * those that no job has are put into one. Then the session ends, or waits for a job to end and makes another pass.
 */
export class BatchWork {
  readonly #run: LaneRun;
  readonly #settings: BatchSettings;
  readonly #log: BatchLog;
  readonly #spool: Spool;
  readonly #collector: Collector;
  readonly #journal: LaneJournal;
  readonly #tally: WayTally;
  readonly #media: MediaUploads;
  readonly #stop: AbortSignal;
  readonly #watch: JobWatch;
  readonly #asked: string;
  #waiting = 0;

  constructor(run: LaneRun, settings: BatchSettings) {
    this.#run = run;
    this.#settings = settings;
    const { directory, budget, journal, recovered } = run;
    this.#log = new BatchLog(directory, settings.clock.now);
    this.#spool = new Spool(directory.file('batches').replace(/\.jsonl$/, ''));
    this.#tally = new WayTally(run.prices);
    this.#journal = new LaneJournal({ journal, directory, recovered, tally: this.#tally });
    const signals = [run.signal, run.stopSignal, directory.failure].filter((signal) => signal !== undefined);
    this.#stop = AbortSignal.any(signals);
    this.#media = new MediaUploads({
      place: settings.store.media,
      isAllowed: settings.uploadsMedia,
      folder: () => `gleaner-${this.#log.runName()}-media`,
      signal: this.#stop,
    });
    this.#collector = new Collector({
      directory,
      log: this.#log,
      spool: this.#spool,
      budget,
      journal,
      laneJournal: this.#journal,
      media: this.#media,
    });
    for (const line of readJsonLines(directory.file('attempts'))) {
      const entry = line as unknown as AttemptEntry;
      this.#tally.add(entry);
      this.#collector.noteEntered(entry);
    }
    this.#asked = digestAsked(run.prepared, settings.schemaField);
    this.#watch = new JobWatch(this.#log, settings, { signal: this.#stop, onNotice: run.onNotice });
  }

  get #state(): BatchState {
    return this.#log.state;
  }

  async execute(): Promise<LaneEnd> {
    let end: SessionEnd;
    let unexpected: unknown;
    try {
      ({ end, unexpected } = await this.#work());
    } catch (error) {
      const ended = endOfError(error, this.#run);
      if (ended === undefined) throw error;
      end = { ...ended, unfinished: this.#waiting };
    } finally {
      this.#collector.close();
    }
    this.#clearSpool();
    return { end, figures: figuresOf(this.#state, this.#tally), unexpected };
  }

  async #work(): Promise<{ end: SessionEnd; unexpected: unknown }> {
    demandPlace(this.#state.live, this.#settings.store.place);
    this.#tidy();
    await this.#watch.cancelAgain();
    await this.#leaveOutdated();
    if (this.#state.shards.length === 0 && !this.#isOnline) {
      const onRecord = (): void => void (this.#waiting += 1);
      await lookAhead(this.#run, { journal: this.#journal, media: this.#media, stop: this.#stop, onRecord });
    }
    for (;;) {
      await this.#resume();
      if (this.#state.open.length > 0) await this.#watch.look();
      if (this.#isOnline) await this.#leaveJobs();
      await this.#fetch();
      const pass = await this.#pass();
      this.#waiting = pass.waiting;
      if (pass.trouble !== undefined) throw pass.trouble;
      if (pass.end.status !== 'finished' || pass.unexpected !== undefined) {
        return { end: this.#withWaiting(pass), unexpected: pass.unexpected };
      }
      const collected = pass.isWhole ? this.#finishEnded() : [];
      const refusal = refusalOf(this.#state, this.#settings, collected);
      if (refusal !== undefined)
        return { end: { status: 'refused', reason: refusal, unfinished: pass.waiting }, unexpected: undefined };
      // What is left over by a job goes into the next one, or is asked online, by another pass.
      if (collected.length > 0 && pass.unplaced > 0) continue;
      const { open } = this.#state;
      if (open.length === 0 && pass.waiting === 0) return { end: pass.end, unexpected: undefined };
      if (open.length === 0) return { end: this.#capped(pass.waiting), unexpected: undefined };
      // A job that was left may never stop, and nothing is waited for with it.
      const isWaitedFor = open.some(({ isLeft }) => !isLeft);
      if (!this.#settings.wait || !isWaitedFor) return { end: this.#resumable(pass.waiting), unexpected: undefined };
      // What was submitted while the deadline passed is left in the next round.
      if (!this.#isOnline) await this.#watch.untilOneEnds(this.#deadline);
    }
  }

  /** Removes what a killed process had not come to plan, and notes the deadline. */
  #tidy(): void {
    const { onlineAfter, clock } = this.#settings;
    this.#clearSpool();
    if (onlineAfter === undefined || this.#state.deadline?.text === onlineAfter) return;
    const until = parseDeadline(onlineAfter, clock.now());
    if (until !== undefined) this.#log.note({ event: 'deadline', text: onlineAfter, until });
  }

  /** Leaves the files of shards that are not done with; and the folder only where there are some. */
  #clearSpool(): void {
    const needed = this.#state.live.flatMap(({ shard }) => [this.#spool.input(shard), this.#spool.output(shard)]);
    this.#spool.keepOnly(new Set(needed));
  }

  /**
   * Jobs that were asked something else than is asked today, because changes were accepted: their texts may be the same, but their answers
   * are to another question.
   */
  async #leaveOutdated(): Promise<void> {
    for (const shard of this.#state.live) {
      if (shard.isLeft || shard.asked === this.#asked) continue;
      if (shard.stage === 'planned' || shard.stage === 'uploaded') this.#drop(shard);
      else this.#log.note({ event: 'left', shard: shard.shard });
      if (shard.stage === 'created') await this.#watch.cancel(shard);
    }
  }

  get #isOnline(): boolean {
    return this.#settings.clock.now() >= (this.#deadline ?? Infinity);
  }

  /** When nothing waits for a job any more; undefined where this session was given no such time. */
  get #deadline(): number | undefined {
    return this.#settings.onlineAfter === undefined ? undefined : this.#state.deadline?.until;
  }

  /** Takes shards on that an earlier session did not bring to a job. */
  async #resume(): Promise<void> {
    for (const shard of this.#state.open) {
      if (shard.stage === 'created') continue;
      if (this.#isOnline && shard.stage !== 'creating') this.#drop(shard);
      else await this.#submit(shard);
    }
  }

  async #submit(shard: Shard): Promise<void> {
    const { prepared, onNotice } = this.#run;
    await submitShard(shard, {
      log: this.#log,
      spool: this.#spool,
      settings: this.#settings,
      model: prepared.model ?? '',
      signal: this.#stop,
      onNotice,
    });
    if (shard.stage === 'abandoned') this.#collector.drop(shard);
  }

  #drop(shard: Shard): void {
    this.#log.note({ event: 'abandoned', shard: shard.shard });
    this.#collector.drop(shard);
  }

  /** The deadline has passed: what is still open is told to stop, and waited for, but not without end. */
  async #leaveJobs(): Promise<void> {
    const still = await this.#watch.cancelAll();
    for (const shard of still) {
      this.#log.note({ event: 'left', shard: shard.shard });
      this.#run.onNotice?.(
        `The batch job ${shard.displayName} has not stopped; its records are asked for online, and what it still answers is paid twice`,
      );
    }
  }

  /** Brings the output of ended jobs to this machine. */
  async #fetch(): Promise<void> {
    for (const twin of this.#watch.takeTwins()) this.#collector.watch(twin, { isCommitted: true });
    for (const shard of this.#state.live) {
      if (shard.stage !== 'ended') continue;
      const path = this.#spool.output(shard.shard);
      const files = shard.end?.output ?? [];
      if (files.length > 0 && !this.#spool.has(path)) {
        this.#spool.make();
        await this.#settings.store.fetch(files, path, this.#stop);
      }
      await this.#collector.open(shard);
    }
  }

  #pass(): Promise<PassEnd> {
    this.#journal.catchUp();
    const writer = new ShardWriter({
      log: this.#log,
      spool: this.#spool,
      settings: this.#settings,
      budget: this.#run.budget,
      media: this.#media,
      asked: this.#asked,
      onPlanned: async (number) => {
        const shard = this.#state.shards.find((one) => one.shard === number);
        if (shard === undefined) return;
        this.#collector.watch(shard, { isCommitted: false });
        await this.#submit(shard);
      },
    });
    const isProbing = this.#settings.hasProbe && this.#state.live.some(({ isProbe }) => isProbe);
    return new BatchPass({
      run: this.#run,
      settings: this.#settings,
      log: this.#log,
      collector: this.#collector,
      journal: this.#journal,
      writer,
      isOnline: () => this.#isOnline,
      holdsBack: isProbing || refusalOf(this.#state, this.#settings, []) !== undefined,
      stop: this.#stop,
    }).run();
  }

  #finishEnded(): Shard[] {
    const ended = this.#state.live.filter(({ stage }) => stage === 'ended');
    for (const shard of ended) this.#collector.finish(shard);
    return ended;
  }

  #withWaiting({ end, waiting }: PassEnd): SessionEnd {
    const isBlocked = end.isCapped === true && this.#state.open.length > 0;
    if (!isBlocked) return { ...end, unfinished: waiting };
    // Money that jobs do not use comes back with them.
    return this.#resumable(waiting);
  }

  #capped(waiting: number): SessionEnd {
    const { budget } = this.#run;
    const reason = budget.describe();
    return budget.isBelowOneCall
      ? { status: 'refused', reason, unfinished: waiting }
      : { status: 'stopped', reason, isCapped: true, unfinished: waiting };
  }

  #resumable(waiting: number): SessionEnd {
    return resumableEnd(this.#state.open, waiting);
  }
}

/** All of a question that does not come of its record. */
function digestAsked(
  { buildRequest, model, reading }: LaneRun['prepared'],
  schemaField: BatchSettings['schemaField'],
): string {
  const request = buildRequest([{ role: 'system', content: reading.instructions }]);
  const constant = toNativeRequest(request, { schemaField });
  return createHash('sha256')
    .update(JSON.stringify([model, constant]))
    .digest('hex')
    .slice(0, 16);
}
