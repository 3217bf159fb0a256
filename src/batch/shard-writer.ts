import type { ChatRequest } from '../completion/request.ts';
import { digestOf, SpoolFile, type Spool } from './spool.ts';
import { toNativeRequest } from '../native/to-native-request.ts';
import type { Spending } from '../store/entries.ts';
import type { BatchLog } from './batch-log.ts';
import type { BatchSettings } from './batch-options.ts';
import { keyOf } from './line-index.ts';
import type { MediaUploads } from './media-uploads.ts';

/** Sets money aside for lines, and gives it back. */
export interface LineBudget {
  worstOfLine(request: ChatRequest): Spending;
  hold(wanted: Spending): boolean;
  giveBack(held: Spending): void;
}

/** Which question of a record a line asks, and in which round of jobs. */
export interface LinePlace {
  round: number;
  question: number;
}

interface OpenShard extends LinePlace {
  shard: number;
  file: SpoolFile;
  mayCost: Required<Spending>;
  isPriced: boolean;
  /** Costs of the first lines, in case only those are taken. */
  firstCosts: Spending[];
}

/** What became of a record: in a shard, or left because the money or the probe comes first. */
export type Placed = 'taken' | 'no-money' | 'after-probe';

/** Puts records that are to be asked for into shards, and plans each as soon as it is full. */
export class ShardWriter {
  readonly #log: BatchLog;
  readonly #spool: Spool;
  readonly #settings: BatchSettings;
  readonly #budget: LineBudget;
  readonly #media: MediaUploads;
  readonly #asked: string;
  readonly #onPlanned: (shard: number) => Promise<void>;
  /** One for each round and question: what was left over by a job is asked in a job of its own. */
  readonly #open = new Map<string, OpenShard>();
  #nextShard: number;
  #isClosed: Exclude<Placed, 'taken'> | undefined;

  constructor(parts: {
    log: BatchLog;
    spool: Spool;
    settings: BatchSettings;
    budget: LineBudget;
    media: MediaUploads;
    /** Tells one model, schema and settings from others. */
    asked: string;
    /** Submits a shard whose lines are all there. */
    onPlanned(shard: number): Promise<void>;
  }) {
    this.#log = parts.log;
    this.#spool = parts.spool;
    this.#settings = parts.settings;
    this.#budget = parts.budget;
    this.#media = parts.media;
    this.#asked = parts.asked;
    this.#onPlanned = (shard) => parts.onPlanned(shard);
    this.#nextShard = parts.log.state.nextShard;
  }

  /** @throws {GleanerError} for a record that cannot be asked for so */
  async add(row: number, request: ChatRequest, place: LinePlace): Promise<Placed> {
    if (this.#isClosed !== undefined) return this.#isClosed;
    const { limits, schemaField } = this.#settings;
    const placed = await this.#media.place(request);
    const line = `${JSON.stringify({ key: keyOf(row), request: toNativeRequest(placed, { schemaField }) })}\n`;
    const bytes = Buffer.byteLength(line);
    const cost = this.#budget.worstOfLine(request);
    if (!this.#budget.hold(cost)) {
      await this.finish();
      return (this.#isClosed = 'no-money');
    }
    const open = this.#open.get(nameOf(place));
    if (open !== undefined && (open.file.lines >= limits.lines || open.file.bytes + bytes > limits.bytes)) {
      await this.#plan(open);
    }
    const shard = this.#shardOf(place);
    shard.file.add(row, line, bytes);
    addTo(shard.mayCost, cost);
    if (cost.nanoUsd === undefined) shard.isPriced = false;
    if (shard.firstCosts.length < limits.probeLines) shard.firstCosts.push(cost);
    if (!this.#wantsProbe() || shard.file.lines <= limits.linesWithoutProbe) return 'taken';
    await this.#cutToProbe(shard);
    // This one is not among the first, and is read again when the probe has been looked at.
    return (this.#isClosed = 'after-probe');
  }

  /** Plans what is there. */
  async finish(): Promise<void> {
    for (const open of this.#open.values()) await this.#plan(open);
  }

  /** Gives up what is not planned, after a failure. */
  abandon(): void {
    for (const { file, mayCost } of this.#open.values()) {
      file.close();
      this.#spool.remove(file.path);
      this.#budget.giveBack(mayCost);
    }
    this.#open.clear();
  }

  #wantsProbe(): boolean {
    return this.#settings.hasProbe && this.#log.state.shards.every(({ stage }) => stage === 'abandoned');
  }

  #shardOf(place: LinePlace): OpenShard {
    let open = this.#open.get(nameOf(place));
    if (open === undefined) {
      this.#spool.make();
      const shard = this.#nextShard;
      this.#nextShard += 1;
      const file = new SpoolFile(this.#spool.input(shard), this.#settings.limits.probeLines);
      open = { shard, ...place, file, mayCost: { tokens: 0, nanoUsd: 0 }, isPriced: true, firstCosts: [] };
      this.#open.set(nameOf(place), open);
    }
    return open;
  }

  async #cutToProbe(open: OpenShard): Promise<void> {
    const before = { ...open.mayCost };
    open.file.cut(this.#settings.limits.probeLines);
    open.mayCost = { tokens: 0, nanoUsd: 0 };
    for (const cost of open.firstCosts) addTo(open.mayCost, cost);
    this.#budget.giveBack({
      tokens: before.tokens - open.mayCost.tokens,
      nanoUsd: before.nanoUsd - open.mayCost.nanoUsd,
    });
    await this.#plan(open, true);
  }

  async #plan(open: OpenShard, isProbe = false): Promise<void> {
    const { shard, round, question, file, mayCost, isPriced } = open;
    // Whoever goes on with a planned shard need not ask whether the files are there that its lines name.
    await this.#media.settle();
    this.#open.delete(nameOf(open));
    file.close();
    const run = this.#log.runName();
    const displayName = `gleaner-${run}-${String(shard).padStart(4, '0')}-r${round}`;
    const { store } = this.#settings;
    this.#log.note({
      event: 'planned',
      shard,
      round,
      displayName,
      prefix: store.prefixOf(displayName),
      place: store.place,
      rows: file.rows.ranges,
      lines: file.lines,
      bytes: file.bytes,
      sha256: await digestOf(file.path),
      asked: this.#asked,
      mayCost: isPriced ? mayCost : { tokens: mayCost.tokens },
      ...(isProbe ? { isProbe } : {}),
      ...(question === 0 ? {} : { question }),
    });
    await this.#onPlanned(shard);
  }
}

function nameOf({ round, question }: LinePlace): string {
  return `${round} ${question}`;
}

function addTo(sum: Required<Spending>, { tokens, nanoUsd = 0 }: Spending): void {
  sum.tokens += tokens;
  sum.nanoUsd += nanoUsd;
}
