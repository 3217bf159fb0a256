import { ApiError } from './api-error.ts';

export interface SseReaderOptions {
  /** A longer line, or longer data of one event, ends the stream with an error. Default 10 MiB. */
  maxLineBytes?: number | undefined;
}

const lineFeed = 10;
const carriageReturn = 13;
const colon = 58;

/**
 * Reads server-sent events, as https://html.spec.whatwg.org/multipage/server-sent-events.html defines them, from bytes that
 * may be cut anywhere. Of an event only its data is given out, for Chat Completions uses nothing else; unlike in browsers an
 * event at the very end counts without a blank line after it.
 *
 * Bytes are searched for their last line end and decoded up to there in one go: no character is ever cut, and a line that
 * takes long to arrive is looked at once only.
 */
export class SseReader {
  readonly #onData: (data: string) => void;
  readonly #maxLineBytes: number;
  /** The beginning of a line whose end has not come. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #isAfterReturn = false;
  #isAtStart = true;
  /** The data of an event whose end has not come. */
  #data: string | undefined;

  constructor(onData: (data: string) => void, { maxLineBytes = 10 * 1024 * 1024 }: SseReaderOptions = {}) {
    this.#onData = onData;
    this.#maxLineBytes = maxLineBytes;
  }

  /** @throws {ApiError} for a line that is too long, and whatever the receiver of the data throws */
  push(bytes: Buffer): void {
    if (bytes.length === 0) return;
    // The second half of a CR LF that was cut in two.
    const start = this.#isAfterReturn && bytes[0] === lineFeed ? 1 : 0;
    this.#isAfterReturn = false;
    const end = Math.max(bytes.lastIndexOf(lineFeed), bytes.lastIndexOf(carriageReturn)) + 1;
    if (end > start) {
      this.#isAfterReturn = bytes[end - 1] === carriageReturn && end === bytes.length;
      const lines = this.#takePending(bytes.subarray(start, end));
      this.#readLines(lines.toString('utf8'), lines.length);
    }
    this.#hold(bytes.subarray(Math.max(start, end)));
  }

  /** To be called once, after the last bytes. */
  end(): void {
    if (this.#pendingBytes > 0) {
      const line = this.#takePending(Buffer.of(lineFeed));
      this.#readLines(line.toString('utf8'), line.length);
    }
    this.#dispatch();
  }

  #hold(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes > this.#maxLineBytes) throw this.#tooLong();
  }

  #takePending(last: Buffer): Buffer {
    if (this.#pendingBytes === 0) return last;
    const bytes = Buffer.concat([...this.#pending, last]);
    this.#pending = [];
    this.#pendingBytes = 0;
    return bytes;
  }

  #readLines(source: string, byteLength: number): void {
    let text = source.includes('\r') ? source.replaceAll(/\r\n?/g, '\n') : source;
    if (this.#isAtStart && text.charCodeAt(0) === 0xfe_ff) text = text.slice(1);
    this.#isAtStart = false;
    const mayBeTooLong = byteLength > this.#maxLineBytes;
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      if (end === start) {
        this.#dispatch();
      } else {
        if (mayBeTooLong && Buffer.byteLength(text.slice(start, end)) > this.#maxLineBytes) throw this.#tooLong();
        this.#readLine(text, start, end);
      }
      start = end + 1;
    }
  }

  #readLine(text: string, start: number, end: number): void {
    if (text.charCodeAt(start) === colon || !text.startsWith('data', start)) return;
    let from = start + 'data'.length;
    if (from < end) {
      if (text.charCodeAt(from) !== colon) return;
      from += text.charCodeAt(from + 1) === 0x20 ? 2 : 1;
    }
    // An empty value at the end of the text would begin behind it.
    const value = text.slice(Math.min(from, end), end);
    if (this.#data === undefined) {
      this.#data = value;
      return;
    }
    if (this.#data.length + value.length > this.#maxLineBytes) throw this.#tooLong();
    this.#data += `\n${value}`;
  }

  #dispatch(): void {
    const data = this.#data;
    if (data === undefined) return;
    this.#data = undefined;
    if (data !== '') this.#onData(data);
  }

  #tooLong(): ApiError {
    return new ApiError(`Cannot read the stream: an event is larger than ${this.#maxLineBytes} bytes`, {
      kind: 'unreadable',
      status: 200,
    });
  }
}
