import type { CompiledPrompt } from '../../extraction/prompt.ts';
import type { CompiledRecordId } from '../../extraction/record-id.ts';
import type { ChatMessage } from '../../completion/request.ts';
import { zeroUsage } from '../../completion/usage.ts';
import type { SourceRecord, SourceRow } from '../../records/record.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { HashedIdSet } from '../../store/hashed-id-set.ts';
import { contentKey, type RecoveredState } from '../../store/recover.ts';
import type { RecordTask } from '../ports.ts';
import { inlineParts } from '../record/inline-parts.ts';
import { redactQuoted } from '../record/redact-quoted.ts';
import type { Outcome } from '../record/outcome.ts';

type Rejected = Extract<Outcome, { status: 'rejected' }>;

/** So many records in a row for which the definition's functions fail show that they fail for all. */
const MOST_WITHHELD = 100;

/** A row as the feed takes it: a record of an earlier session comes with the fingerprint it had then. */
export type FeedRow = SourceRow & { readonly fingerprint?: string | undefined };

export interface PendingRecordsOptions {
  rows: AsyncIterator<FeedRow>;
  /** Rows to take at most. */
  limit: number;
  prompt: CompiledPrompt;
  recordId: CompiledRecordId;
  /** Absolute path of the directory below which files lie that records name. */
  mediaRoot: string;
  fingerprint(messages: ChatMessage[], messagesJson?: string): string;
  /** What fingerprints were in the time of an old directory. */
  earlierFingerprints?: ((messages: ChatMessage[]) => readonly string[]) | undefined;
  /** What an earlier session of the run has ended. */
  recovered: RecoveredState;
  /** How the same record ended before, where that can be carried over. */
  carryOver(task: RecordTask): Promise<Outcome | undefined> | undefined;
  /** Called for a row that ends without a call: a bad record, or one whose end is carried over. */
  onEnd(outcome: Outcome): void;
}

/**
 * Hands out the records that are still to be asked for, one at a time, in input order, to whoever asks next. Rows that an
 * earlier session has ended are passed over, after a check that they still are what was answered; rows that cannot be asked for become
 * rejects on the way. Nothing is read before it is asked for.
 */
export class PendingRecords {
  readonly #options: PendingRecordsOptions;
  /** Ids of this pass over the input: the second record with an id is a bad record. */
  readonly #seenIds: HashedIdSet;
  #turn: Promise<unknown> = Promise.resolve();
  #rowsTaken = 0;
  /** Whether the rows came in the order of the input, none left out. */
  #isInOrder = true;
  #namesFiles = false;
  #isExhausted = false;
  /** Whether the definition's functions have worked for any record. */
  #hasWorked = false;
  /** Rows for which they did not, before they have worked for one. */
  #withheld: Rejected[] = [];
  #refusal: GleanerError | undefined;
  /** Whether reading failed: what follows the failure cannot be known. */
  #isBroken = false;

  constructor(options: PendingRecordsOptions) {
    this.#options = options;
    this.#seenIds = options.recovered.input?.seenIds ?? new HashedIdSet();
  }

  /** Rows read so far, ended ones and bad ones included. */
  get rowsTaken(): number {
    return this.#rowsTaken;
  }

  /**
   * What the rows so far have shown, for a session to come that is given the same ones; undefined where that says too little of them: they
   * name files, whose contents may change, or came in another order.
   */
  get known(): { rows: number; seenIds: HashedIdSet } | undefined {
    if (this.#namesFiles || !this.#isInOrder) return undefined;
    return { rows: Math.max(this.#rowsTaken, this.#options.recovered.input?.rows ?? 0), seenIds: this.#seenIds };
  }

  /** The next record to ask for; undefined at the end. Calls are served one after the other. */
  next(): Promise<RecordTask | undefined> {
    const task = this.#turn.then(() => this.#advance());
    this.#turn = task.catch(() => undefined);
    return task;
  }

  /** Counts the rows that were not handed out, without keeping them; undefined when `deadline` passes before the end. */
  async countRest(deadline: number): Promise<number | undefined> {
    await this.#turn;
    if (this.#isBroken) return undefined;
    const { limit, recovered } = this.#options;
    let rest = this.#withheld.length;
    for (let rows = this.#rowsTaken; !this.#isExhausted && rows < limit; rows += 1) {
      if (Date.now() > deadline) return undefined;
      const step = await this.#options.rows.next();
      if (step.done === true) this.#isExhausted = true;
      else if (!recovered.endedRows.has(step.value.index) && !recovered.badRows.has(step.value.index)) rest += 1;
    }
    return rest;
  }

  async #advance(): Promise<RecordTask | undefined> {
    const { limit, recovered } = this.#options;
    if (this.#refusal !== undefined) throw this.#refusal;
    while (!this.#isExhausted && this.#rowsTaken < limit) {
      let step: IteratorResult<FeedRow>;
      try {
        step = await this.#options.rows.next();
      } catch (error) {
        this.#isBroken = true;
        throw error;
      }
      if (step.done === true) {
        this.#isExhausted = true;
        break;
      }
      const row = step.value;
      if (row.index !== this.#rowsTaken) this.#isInOrder = false;
      this.#rowsTaken += 1;
      if (isKnownEnd(recovered, row.index)) {
        if (recovered.endedRows.has(row.index)) this.#noteWorked();
        continue;
      }
      // Rejected for what the row was; a mended input comes with --accept-changes.
      if (recovered.badRows.has(row.index)) {
        this.#noteId(row);
        continue;
      }
      const hasEnded = recovered.endedRows.has(row.index);
      const preparing = row.kind === 'record' ? this.#prepare(row) : bad(row, null, row);
      const task = preparing instanceof Promise ? await preparing : preparing;
      if ('status' in task) {
        if (!hasEnded) this.#endRow(task);
        continue;
      }
      this.#noteWorked();
      const isKnownId = recovered.endedIds.size > 0 && recovered.endedIds.has(task.id);
      // An answer to the same record is good wherever the record stood in the input then.
      if (isKnownId && this.#hasEnded(task)) continue;
      if (hasEnded || isKnownId) throw changedRecord(row, isKnownId);
      // Most have no earlier end, and need not wait to know it.
      const carrying = this.#options.carryOver(task);
      const carried = carrying && (await carrying);
      if (carried === undefined) return task;
      this.#options.onEnd(carried);
    }
    if (this.#withheld.length > 0) this.#refuse();
    return undefined;
  }

  /** A function of the definition that fails for record after record is at fault itself; of one that works, some records may be odd. */
  #endRow(outcome: Rejected): void {
    if (this.#hasWorked || outcome.reason.code !== 'definition_error') {
      this.#options.onEnd(outcome);
      return;
    }
    this.#withheld.push(outcome);
    if (this.#withheld.length >= MOST_WITHHELD) this.#refuse();
  }

  #refuse(): never {
    this.#refusal = failsForAll(this.#withheld);
    throw this.#refusal;
  }

  #noteWorked(): void {
    if (this.#hasWorked) return;
    this.#hasWorked = true;
    for (const outcome of this.#withheld.splice(0)) this.#options.onEnd(outcome);
  }

  /** Whether a record whose id has ended still is what was answered. */
  #hasEnded({ id, fingerprint, messages }: RecordTask): boolean {
    const { recovered, earlierFingerprints } = this.#options;
    if (recovered.endedContents.has(contentKey(id, fingerprint))) return true;
    if (earlierFingerprints === undefined) return false;
    return earlierFingerprints(messages).some((earlier) => recovered.endedContents.has(contentKey(id, earlier)));
  }

  // No promise where none is needed: every record passes here.
  #prepare(
    row: SourceRecord & { readonly fingerprint?: string | undefined },
  ): RecordTask | Rejected | Promise<RecordTask | Rejected> {
    const id = this.#options.recordId(row.fields, row.index);
    if (!id.ok) return bad(row, null, id);
    if (this.#isSecond(id.id, row.index) || row.isRepeated === true) {
      const message = 'Another record before this one has the same id; give every record an id of its own';
      return bad(row, id.id, { message });
    }
    const prompt = this.#options.prompt.render(row.fields);
    if (!prompt.ok) return bad(row, id.id, prompt);
    if (!hasParts(prompt.messages)) return this.#taskOf(row, id.id, prompt.messages);
    this.#namesFiles = true;
    return inlineParts(prompt.messages, this.#options.mediaRoot).then(
      (messages) => this.#taskOf(row, id.id, messages),
      (error: unknown) => {
        if (error instanceof GleanerError) return bad(row, id.id, error);
        throw error;
      },
    );
  }

  /** Whether another row has the id that came before. */
  #isSecond(id: string, index: number): boolean {
    return !this.#seenIds.add(id, index) && this.#seenIds.ordinalOf(id) !== index;
  }

  /** A row with the id of a bad record is the second one, whichever session came to it. */
  #noteId(row: FeedRow): void {
    if (row.kind !== 'record') return;
    const id = this.#options.recordId(row.fields, row.index);
    if (id.ok) this.#seenIds.add(id.id, row.index);
  }

  #taskOf(row: FeedRow & SourceRecord, id: string, messages: ChatMessage[]): RecordTask {
    const { index, fields } = row;
    if (row.fingerprint !== undefined) return { id, index, fields, messages, fingerprint: row.fingerprint };
    const messagesJson = JSON.stringify(messages);
    const fingerprint = this.#options.fingerprint(messages, messagesJson);
    // Pictures are not held twice until they are sent.
    if (hasParts(messages)) return { id, index, fields, messages, fingerprint };
    return { id, index, fields, messages, messagesJson, fingerprint };
  }
}

/**
 * Whether a row has ended, and is known to be what it was then: the input and the definition are the same files. Nobody needs its fields.
 */
export function isKnownEnd({ input, endedRows, badRows }: RecoveredState, index: number): boolean {
  if (input === undefined || index >= input.rows || input.witnesses.has(index)) return false;
  return endedRows.has(index) || badRows.has(index);
}

function failsForAll(withheld: readonly Rejected[]): GleanerError {
  const [first] = withheld;
  const { message = '', line = 0 } = first?.reason ?? {};
  const fields = typeof first?.record === 'object' ? first.record : {};
  const count = withheld.length === 1 ? 'the first record' : `any of the first ${withheld.length} records`;
  return new GleanerError(
    'definition-invalid',
    `Cannot ask for ${count}; line ${line}: ${redactQuoted(message, fields)}. Mend the function; nothing was sent`,
    { facts: { line } },
  );
}

function hasParts(messages: readonly ChatMessage[]): boolean {
  return messages.some(({ content }) => Array.isArray(content));
}

function changedRecord(row: SourceRow, hasSameId: boolean): GleanerError {
  const change = hasSameId ? 'its contents or its prompt have changed' : 'its id was another then';
  return new GleanerError(
    'input-changed',
    `Cannot continue the run: the record on line ${row.line} is not the one that was answered, ${change}. ` +
      'Use another directory, or accept the changes to ask only for what changed',
    { facts: { advice: 'changes', line: row.line } },
  );
}

/** The end of a row that cannot be asked for, by its own fault or by that of the definition's functions. */
function bad(
  row: SourceRow,
  recordId: string | null,
  { message, isOfDefinition }: { message: string; isOfDefinition?: boolean },
): Rejected {
  return {
    status: 'rejected',
    recordId,
    index: row.index,
    attempts: 0,
    usage: { ...zeroUsage },
    reason: { code: isOfDefinition === true ? 'definition_error' : 'bad_record', message, line: row.line },
    record: row.kind === 'record' ? row.fields : row.text,
  };
}
