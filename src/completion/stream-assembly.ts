import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { ChoiceAssembly } from './choice-assembly.ts';
import { DeltaEmitter } from './delta-emitter.ts';
import type { CompletionDelta } from './delta.ts';
import { readCompletion, type Completion, type ReadCompletionOptions } from './response.ts';
import { readTrafficType, readUsage, type TokenUsage } from './usage.ts';

/** Puts the chunks of a stream together, and says what each of them brings. */
export class StreamAssembly {
  readonly #options: ReadCompletionOptions;
  readonly #emitter: DeltaEmitter;
  readonly #choices = new Map<number, ChoiceAssembly>();
  #first: JsonObject | undefined;
  #last: JsonObject | undefined;
  #usage: JsonObject | undefined;
  #isUsageFinal = false;

  constructor(options: ReadCompletionOptions = {}) {
    this.#options = options;
    this.#emitter = new DeltaEmitter(options.thoughtTagMarker, options.cleanName);
  }

  /** Adds a `chat.completion.chunk`, or a whole `chat.completion`; what it brings is appended to `deltas`. */
  add(chunk: JsonObject, deltas: CompletionDelta[]): void {
    this.#emitter.deltas = deltas;
    this.#first ??= chunk;
    this.#last = chunk;
    const { choices, usage } = chunk;
    if (Array.isArray(choices)) {
      for (const choice of choices as readonly JsonValue[]) if (isJsonObject(choice)) this.#choice(choice).add(choice);
    }
    const tokens = readUsage(usage);
    const brings = Array.isArray(choices) && choices.length > 0;
    if (tokens === undefined || !isJsonObject(usage)) {
      if (brings) this.#isUsageFinal = false;
      return;
    }
    this.#usage = usage;
    // Some servers report with every chunk what it has come to; the last report stands with the end, or alone behind it.
    this.#isUsageFinal = !brings || this.isFinished;
    const { cleanName } = this.#options;
    const trafficType = readTrafficType(usage);
    deltas.push({
      type: 'usage',
      usage: tokens,
      trafficType: trafficType === undefined || cleanName === undefined ? trafficType : cleanName(trafficType),
    });
  }

  /** To be called once, after the last chunk. */
  end(deltas: CompletionDelta[]): void {
    this.#emitter.deltas = deltas;
    this.#emitter.end();
  }

  /** Tokens as the service reported them last; undefined where it has not yet. */
  get usage(): TokenUsage | undefined {
    return readUsage(this.#usage);
  }

  /** Whether they were reported at the end of the answer, so that no more can come. */
  get isUsageFinal(): boolean {
    return this.#isUsageFinal;
  }

  /** Whether every choice has its finish reason; a blocked prompt has no choices, only its cost. */
  get isFinished(): boolean {
    if (this.#choices.size === 0) return this.#usage !== undefined;
    return [...this.#choices.values()].every(({ finishReason }) => finishReason !== undefined);
  }

  /** What has come so far; its `raw` has the shape of an answer in one piece. Undefined when nothing has. */
  completion(): Completion | undefined {
    if (this.#first === undefined) return undefined;
    const choices = [...this.#choices.values()].toSorted((left, right) => left.index - right.index);
    const raw: JsonObject = {
      ...this.#first,
      ...this.#last,
      choices: choices.map((choice) => choice.raw()),
      object: 'chat.completion',
      ...(this.#usage === undefined ? {} : { usage: this.#usage }),
    };
    return readCompletion(raw, this.#options);
  }

  #choice({ index: position }: JsonObject): ChoiceAssembly {
    const index = typeof position === 'number' ? position : 0;
    let choice = this.#choices.get(index);
    if (choice === undefined) {
      // A Completion tells of the first choice only, and so do the deltas.
      choice = new ChoiceAssembly(index, index === 0 ? this.#emitter : undefined);
      this.#choices.set(index, choice);
    }
    return choice;
  }
}
