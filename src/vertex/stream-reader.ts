import { parseJson } from '../json/parse-json.ts';
import { ApiError } from '../completion/api-error.ts';
import type { CompletionDelta } from '../completion/delta.ts';
import type { Completion, ReadCompletionOptions } from '../completion/response.ts';
import { SseReader, type SseReaderOptions } from '../completion/sse-reader.ts';
import { StreamAssembly } from '../completion/stream-assembly.ts';
import type { TokenUsage } from '../completion/usage.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { readErrorValue, type ErrorBodyOptions } from './error-body.ts';
import { readErrorDetails } from './error-details.ts';
import { decode, type HttpAnswer } from './http-answer.ts';
import { plainName, plainText } from '../text/plain-text.ts';
import { readAnswer } from './read-answer.ts';
import { Utf8Check } from './utf8-check.ts';

export interface StreamReaderOptions extends ReadCompletionOptions, SseReaderOptions {
  /** Credentials in use, never to be repeated in a message. */
  secrets?: readonly string[] | undefined;
  adviceFor?: ErrorBodyOptions['adviceFor'];
}

/**
 * Reads the body of a successful answer to a streaming call: server-sent events, or plain JSON (or a proxy's HTML) from a
 * service that does not stream. Everything it throws is an ApiError.
 */
export class StreamReader {
  readonly #answer: Pick<HttpAnswer, 'status' | 'headers'>;
  readonly #options: StreamReaderOptions;
  readonly #assembly: StreamAssembly;
  readonly #events: SseReader;
  #deltas: CompletionDelta[] = [];
  #form: 'unknown' | 'events' | 'document' = 'unknown';
  /** Bytes that are no event: all of a document, or so far only blanks. */
  #bytes: Buffer[] = [];
  readonly #utf8 = new Utf8Check();
  #isDone = false;

  constructor(answer: Pick<HttpAnswer, 'status' | 'headers'>, options: StreamReaderOptions = {}) {
    this.#answer = answer;
    this.#options = options;
    const { secrets } = options;
    this.#assembly = new StreamAssembly({ ...options, cleanName: (name) => plainName(name, secrets) });
    this.#events = new SseReader((data, isError) => this.#readData(data, isError), options);
  }

  /** Whether `[DONE]` has come, after which nothing counts. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** What the bytes bring is appended to `deltas`. */
  push(bytes: Buffer, deltas: CompletionDelta[]): void {
    if (this.#isDone) return;
    this.#deltas = deltas;
    this.#utf8.push(bytes);
    if (this.#form === 'events') {
      this.#events.push(bytes);
      return;
    }
    this.#bytes.push(bytes);
    if (this.#form === 'document') return;
    this.#form = detectForm(bytes);
    if (this.#form !== 'events') return;
    for (const held of this.#bytes) this.#events.push(held);
    this.#bytes = [];
  }

  /** To be called once, after the last bytes or `[DONE]`. */
  end(deltas: CompletionDelta[]): Completion {
    this.#deltas = deltas;
    if (this.#form !== 'events') return this.#endDocument(deltas);
    this.#events.end();
    this.#assembly.end(deltas);
    const completion = this.#assembly.completion();
    if (completion === undefined) throw this.#unreadable('a stream that holds no completion');
    if (!this.#isDone && !this.#assembly.isFinished)
      throw this.#unreadable('a stream that ends before its answer does');
    return this.#marked(completion);
  }

  /** Tokens as the service has reported them so far. */
  get usage(): TokenUsage | undefined {
    return this.#assembly.usage;
  }

  /** Whether they were reported at the end of the answer, so that no more can come. */
  get isUsageFinal(): boolean {
    return this.#assembly.isUsageFinal;
  }

  partial(): Completion | undefined {
    const completion = this.#assembly.completion();
    return completion && this.#marked(completion);
  }

  #marked(completion: Completion): Completion {
    return this.#utf8.isUtf8 ? completion : { ...completion, hasBrokenText: true };
  }

  #endDocument(deltas: CompletionDelta[]): Completion {
    const completion = readAnswer({ ...this.#answer, ...decode(Buffer.concat(this.#bytes)) }, this.#options);
    this.#assembly.add(completion.raw, deltas);
    this.#assembly.end(deltas);
    return completion;
  }

  #readData(data: string, isError = false): void {
    if (this.#isDone || data === '') return;
    // Chunks begin with a brace; some write two blanks after `data:`.
    if (data.charCodeAt(0) !== 0x7b && data.trimStart().startsWith('[DONE]')) {
      this.#isDone = true;
      return;
    }
    const value = parseJson(data);
    if (!isError && isJsonObject(value) && isPart(value)) {
      this.#assembly.add(value, this.#deltas);
    } else if (value === undefined && data.includes('\n')) {
      // Events without the blank lines that should part them.
      for (const line of data.split('\n')) this.#readData(line);
    } else {
      throw this.#errorIn(value, data);
    }
  }

  #errorIn(value: unknown, data: string): ApiError {
    const { secrets = [] } = this.#options;
    const size = Buffer.byteLength(data);
    if (value === undefined) return this.#unreadable(`an event of ${size} bytes of truncated or broken JSON`);
    const error = readErrorValue(value, { ...this.#answer, text: '' }, this.#options);
    if (error !== undefined) return error;
    const details = readErrorDetails(value);
    if (details === undefined) return this.#unreadable('an event that is no part of a completion');
    return this.#unreadable(`an error in its stream: ${plainText(details.message, { limit: 300, secrets })}`);
  }

  #unreadable(what: string): ApiError {
    return new ApiError(`HTTP ${this.#answer.status} with ${what}`, {
      kind: 'unreadable',
      status: this.#answer.status,
    });
  }
}

/** vLLM and others send errors without the wrapper that OpenAI's have. */
function isPart({ choices, error, object, type }: JsonObject): boolean {
  if ((error ?? null) !== null || object === 'error' || type === 'error') return false;
  return Array.isArray(choices ?? []);
}

/** By the first byte that is no blank: no line of an event stream begins with a bracket or a tag. */
function detectForm(bytes: Buffer): 'unknown' | 'events' | 'document' {
  for (const byte of bytes) {
    if (BLANKS.has(byte)) continue;
    return byte === 0x7b || byte === 0x5b || byte === 0x3c ? 'document' : 'events';
  }
  return 'unknown';
}

/** Blanks, line ends, and the bytes of a byte order mark. */
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);
