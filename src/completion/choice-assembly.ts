import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import type { DeltaEmitter } from './delta-emitter.ts';
import { readExtraContent } from './extra-content.ts';
import { mergeExtraContent } from './merge-extra-content.ts';
import { StringBuilder } from './string-builder.ts';
import { ToolCallAssembly } from './tool-call-assembly.ts';

/** Text of one kind, thought or not, as it came without a change between. */
interface Segment {
  isThought: boolean;
  pile: StringBuilder;
}

/** Puts the deltas of one choice together. */
export class ChoiceAssembly {
  readonly index: number;
  finishReason: string | undefined;
  readonly #emitter: DeltaEmitter | undefined;
  readonly #segments: Segment[] = [];
  readonly #toolCalls: ToolCallAssembly[] = [];
  /** Texts other than the answer that arrive in fragments too, such as a refusal. */
  readonly #piles = new Map<string, StringBuilder>();
  readonly #others = new Map<string, JsonValue | undefined>();
  readonly #audioData = new StringBuilder();
  #audio: JsonObject | undefined;
  #extraContent: JsonObject | undefined;
  #logprobs: JsonObject | undefined;
  /** Log probabilities of tokens, which come with the chunks that hold them. */
  readonly #tokens: JsonValue[] = [];
  #hasMessage = false;

  constructor(index: number, emitter: DeltaEmitter | undefined) {
    this.index = index;
    this.#emitter = emitter;
  }

  add(choice: JsonObject): void {
    // A service that does not stream sends its whole message.
    const delta = choice['delta'] ?? choice['message'];
    if (isJsonObject(delta)) this.#addDelta(delta);
    if (isJsonObject(choice['logprobs'])) this.#addLogprobs(choice['logprobs']);
    const reason = choice['finish_reason'];
    if (typeof reason !== 'string' || reason === '') return;
    this.finishReason = reason;
    this.#emitter?.finish(reason);
  }

  /** The choice as an answer in one piece has it. */
  raw(): JsonObject {
    const message = this.#hasMessage ? { message: this.#message() } : {};
    const tokens = this.#tokens.length === 0 ? {} : { content: this.#tokens };
    const logprobs = this.#logprobs === undefined ? null : { ...this.#logprobs, ...tokens };
    return { finish_reason: this.finishReason ?? null, index: this.index, logprobs, ...message };
  }

  #addLogprobs(logprobs: JsonObject): void {
    this.#logprobs = { ...this.#logprobs, ...logprobs };
    const { content } = logprobs;
    if (!Array.isArray(content)) return;
    for (const token of content as readonly JsonValue[]) this.#tokens.push(token);
  }

  #addDelta(delta: JsonObject): void {
    this.#hasMessage = true;
    for (const key of Object.keys(delta)) {
      const value = delta[key];
      switch (key) {
        case 'content':
          this.#addContent(value, delta);
          break;
        case 'tool_calls':
          if (Array.isArray(value)) this.#addToolCalls(value as readonly JsonValue[]);
          break;
        case 'audio':
          if (isJsonObject(value)) this.#addAudio(value);
          break;
        case 'extra_content':
          this.#extraContent = mergeExtraContent(this.#extraContent, value);
          break;
        case 'refusal':
        case 'reasoning':
        case 'reasoning_content':
          if (typeof value === 'string') this.#pile(key).add(value);
          else if ((value ?? null) !== null) this.#others.set(key, value);
          if (key !== 'refusal' && typeof value === 'string') this.#emitter?.text(value, true);
          break;
        default:
          this.#others.set(key, value);
      }
    }
  }

  #addContent(content: JsonValue | undefined, delta: JsonObject): void {
    if (typeof content === 'string') {
      this.#addText(content, isThought(delta));
    } else if (Array.isArray(content)) {
      for (const part of content as readonly JsonValue[]) {
        if (isJsonObject(part) && typeof part['text'] === 'string') this.#addText(part['text'], isThought(part));
      }
    } else {
      this.#others.set('content', null);
    }
  }

  #addText(text: string, isThought: boolean): void {
    let segment = this.#segments.at(-1);
    // An empty text, such as one beside a signature, begins nothing new.
    if (segment === undefined || (segment.isThought !== isThought && text !== '')) {
      segment = { isThought, pile: new StringBuilder() };
      this.#segments.push(segment);
    }
    if (text === '') return;
    segment.pile.add(text);
    this.#emitter?.text(text, isThought);
  }

  /**
   * Fragments belong to the call with their `id`: Google's own sample continues a call under another `index` than it was
   * announced with. Where a fragment has no id, as other services send them, its index has to do.
   */
  #addToolCalls(fragments: readonly JsonValue[]): void {
    const seen = new Set<ToolCallAssembly>();
    for (const fragment of fragments) {
      if (!isJsonObject(fragment)) continue;
      let call = this.#toolCalls.findLast((candidate) => candidate.owns(fragment));
      // Two calls with one id, as old models give them the function's name: a chunk never has two fragments of a call.
      if (call === undefined || seen.has(call)) {
        call = new ToolCallAssembly(this.#toolCalls.length, this.#emitter);
        this.#toolCalls.push(call);
      }
      seen.add(call);
      call.add(fragment);
    }
  }

  #addAudio(audio: JsonObject): void {
    const { data, ...rest } = audio;
    if (typeof data === 'string') this.#audioData.add(data);
    this.#audio = { ...this.#audio, ...rest };
  }

  #pile(key: string): StringBuilder {
    const pile = this.#piles.get(key) ?? new StringBuilder();
    this.#piles.set(key, pile);
    return pile;
  }

  #message(): JsonObject {
    const message = new Map(this.#others);
    if (this.#segments.length > 0) message.set('content', this.#content());
    for (const [key, pile] of this.#piles) message.set(key, pile.text());
    if (this.#toolCalls.length > 0) {
      message.set(
        'tool_calls',
        this.#toolCalls.map((call) => call.raw()),
      );
    }
    if (this.#audio !== undefined) {
      const data = this.#audioData.text();
      message.set('audio', data === '' ? this.#audio : { data, ...this.#audio });
    }
    if (this.#extraContent !== undefined) message.set('extra_content', this.#extraContent);
    return Object.fromEntries(message);
  }

  /** One string, or parts where the service flagged some of them as thoughts. */
  #content(): JsonValue {
    if (this.#segments.every((segment) => !segment.isThought)) {
      return this.#segments.map(({ pile }) => pile.text()).join('');
    }
    return this.#segments.map(({ isThought, pile }) => ({
      type: 'text',
      text: pile.text(),
      ...(isThought ? { extra_content: { google: { thought: true } } } : {}),
    }));
  }
}

function isThought({ extra_content: extra }: JsonObject): boolean {
  return extra !== undefined && readExtraContent(extra)?.google.thought === true;
}
