import { createParser, type EventSourceParser } from 'eventsource-parser';
import { ApiError } from './api-error.ts';

export interface SseReaderOptions {
  /** A longer line, or longer data of one event, in characters, ends the stream with an error. Default 10 Mi. */
  maxLineBytes?: number | undefined;
}

const DATA_FIELD = 'data: ';

/**
 * Reads server-sent events from bytes that may be cut anywhere. Of an event its data is given out, and whether it is called an error,
 * for Chat Completions uses nothing else; unlike in browsers an event at the very end counts without a blank line after it.
 */
export class SseReader {
  readonly #decoder = new TextDecoder('utf-8');
  readonly #parser: EventSourceParser;

  constructor(
    onData: (data: string, isError: boolean) => void,
    { maxLineBytes = 10 * 1024 * 1024 }: SseReaderOptions = {},
  ) {
    const tooLong = (): ApiError =>
      new ApiError(`Cannot read the stream: an event is larger than ${maxLineBytes} bytes`, {
        kind: 'unreadable',
        status: 200,
      });
    this.#parser = createParser({
      // A carriage return is held until it is known whether a line feed follows.
      maxBufferSize: maxLineBytes + 1,
      onEvent: ({ data, event }) => {
        // What comes in one piece is never held, and so not counted there.
        if (data.length + DATA_FIELD.length > maxLineBytes) throw tooLong();
        if (data !== '') onData(data, event === 'error');
      },
      onError: ({ type }) => {
        // Unknown fields are none of our business.
        if (type === 'max-buffer-size-exceeded') throw tooLong();
      },
    });
  }

  /** @throws {ApiError} for a line that is too long, and whatever the receiver of the data throws */
  push(bytes: Buffer): void {
    this.#parser.feed(this.#decoder.decode(bytes, { stream: true }));
  }

  /** To be called once, after the last bytes. */
  end(): void {
    // Ends the last line and the last event, if they have not ended.
    this.#parser.feed(`${this.#decoder.decode()}\n\n`);
  }
}
