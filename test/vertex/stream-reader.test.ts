import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApiError } from '../../src/completion/api-error.ts';
import type { CompletionDelta } from '../../src/completion/delta.ts';
import type { Completion } from '../../src/completion/response.ts';
import { StreamReader, type StreamReaderOptions } from '../../src/vertex/stream-reader.ts';
import { chunk, events, imageStream, storyStream, thoughtStream, toolStream } from '../completion/streams.ts';
import { anyText } from '../any-text.ts';

interface Result {
  deltas: CompletionDelta[];
  end: Completion | ApiError;
}

/** Whatever it throws but an ApiError makes the test fail. */
function read(pieces: readonly Uint8Array[], options: StreamReaderOptions = {}): Result {
  const reader = new StreamReader({ status: 200, headers: {} }, { thoughtTagMarker: 'think', ...options });
  const deltas: CompletionDelta[] = [];
  try {
    for (const piece of pieces) reader.push(Buffer.from(piece), deltas);
    return { deltas, end: reader.end(deltas) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { deltas, end: error };
  }
}

function readText(text: string): Result {
  return read([Buffer.from(text)]);
}

const streams = { storyStream, thoughtStream, toolStream, imageStream };

test.each(Object.entries(streams))('%s gives the same wherever its bytes are cut', (_name, stream) => {
  for (const text of [stream, stream.replaceAll('\n', '\r\n'), `\ufeff: hello\n${stream}`]) {
    const bytes = Buffer.from(text);
    const { end } = read([bytes]);
    expect(end).not.toBeInstanceOf(ApiError);
    // As text, for speed, and because media hold a function.
    const whole = JSON.stringify(read([bytes]));
    for (let cut = 1; cut < bytes.length; cut++) {
      expect(JSON.stringify(read([bytes.subarray(0, cut), bytes.subarray(cut)]))).toBe(whole);
    }
    expect(JSON.stringify(read(Array.from(bytes, (byte) => Buffer.of(byte))))).toBe(whole);
  }
});

test.each(Object.entries(streams))(
  '%s is never taken for whole when it breaks off before its finish reason',
  (_name, stream) => {
    const bytes = Buffer.from(stream);
    const end = bytes.indexOf('"finish_reason"');
    for (let cut = 0; cut < end; cut++) expect(read([bytes.subarray(0, cut)]).end).toBeInstanceOf(ApiError);
  },
);

test('a stream that ends without [DONE] counts when its answer is whole', () => {
  expect(readText(storyStream.replace('data: [DONE]\n\n', '')).end).toMatchObject({ finishReason: 'stop' });
  expect(readText(events(chunk({ content: 'Once' }))).end).toMatchObject({
    kind: 'unreadable',
    isRetryable: true,
    message: 'HTTP 200 with a stream that ends before its answer does',
  });
});

test('nothing after [DONE] counts', () => {
  const { end } = readText(`${storyStream}data: {"error":{"code":500}}\n\ndata: nonsense\n\n`);
  expect(end).toMatchObject({ finishReason: 'stop' });
});

test('events without blank lines between them are read all the same', () => {
  const text = storyStream.replaceAll('\n\n', '\n');
  expect(readText(text)).toEqual(readText(storyStream));
});

test.each([
  {
    name: 'an object',
    text: '{"error":{"code":429,"message":"later","status":"RESOURCE_EXHAUSTED"}}',
    status: 429,
    retry: true,
  },
  {
    name: 'an array',
    text: '[{"error":{"code":503,"message":"later","status":"UNAVAILABLE"}}]',
    status: 503,
    retry: true,
  },
  {
    name: 'a status name only',
    text: '{"error":{"message":"no","status":"INVALID_ARGUMENT"}}',
    status: 400,
    retry: false,
  },
])('an error in the stream as $name is that error, after what came before', ({ text, status, retry }) => {
  const { deltas, end } = readText(events(chunk({ content: 'Once' }), text));
  expect(deltas).toEqual([{ type: 'text-delta', text: 'Once' }]);
  expect(end).toMatchObject({ kind: 'status', status, isRetryable: retry });
});

test.each([
  { text: events('{"error":{"message":"boom Bearer abcdefgh"}}'), message: 'an error in its stream: boom [redacted]' },
  { text: events('{"error":"boom"}'), message: 'an error in its stream: boom' },
  { text: 'event: error\ndata: {"message":"boom"}\n\n', message: 'an error in its stream: boom' },
  { text: events('{"object":"error","message":"boom","code":null}'), message: 'an error in its stream: boom' },
  { text: events('{"type":"error","message":"boom"}'), message: 'an error in its stream: boom' },
  { text: events('[]'), message: 'an event that is no part of a completion' },
  { text: events('7'), message: 'an event that is no part of a completion' },
  { text: events('{"choices":[{"del'), message: 'an event of 17 bytes of truncated or broken JSON' },
  { text: events('[DONE]'), message: 'a stream that holds no completion' },
  { text: ': keep-alive\n\n', message: 'a stream that holds no completion' },
  { text: '', message: 'an empty body' },
  { text: '\n\n', message: 'an empty body' },
  { text: '<!doctype html><title>Sign in</title>', message: 'an HTML page: Sign in' },
  { text: '{"choices":[{"mess', message: '18 bytes of truncated or broken JSON' },
])('$message is unreadable', ({ text, message }) => {
  expect(readText(text).end).toMatchObject({ kind: 'unreadable', status: 200, message: `HTTP 200 with ${message}` });
});

test('a chunk may say that there is no error', () => {
  const withNull = chunk({ content: 'x' }, { finish: 'stop' }).replace('{', '{"error":null,');
  expect(readText(events(withNull, '[DONE]')).end).toMatchObject({ content: 'x' });
});

test('an answer in one piece gives its deltas and itself, also behind blanks', () => {
  const message = { role: 'assistant', content: '<think>Hm.</think>4' };
  const body = {
    choices: [{ index: 0, finish_reason: 'stop', message }],
    usage: { prompt_tokens: 1, total_tokens: 2 },
  };
  const text = `\n ${JSON.stringify(body, null, 2)}`;
  const { deltas, end } = read(Array.from(Buffer.from(text), (byte) => Buffer.of(byte)));
  expect(end).toMatchObject({ content: '4', thoughts: 'Hm.', finishReason: 'stop', raw: body });
  expect(deltas.map(({ type }) => type)).toEqual(['thought-delta', 'text-delta', 'finish', 'usage']);
  expect(readText('[{"error":{"code":403,"message":"no"}}]').end).toMatchObject({ kind: 'status', status: 403 });
});

test('partial gives what has come, also after an error', () => {
  const reader = new StreamReader({ status: 200, headers: {} });
  expect(reader.partial()).toBeUndefined();
  reader.push(Buffer.from(events(chunk({ content: 'Once ' }), chunk({ content: 'upon' }))), []);
  expect(reader.partial()).toMatchObject({ content: 'Once upon', finishReason: undefined });
  expect(() => reader.push(Buffer.from(events('{')), [])).toThrow(ApiError);
  expect(reader.partial()).toMatchObject({ content: 'Once upon' });
});

const line = fc.oneof(
  anyText(),
  fc.json(),
  fc.constantFrom(
    '[DONE]',
    '{"error":1}',
    '{"choices":[{"delta":{"content":"x"}}]}',
    '{"choices":[{"finish_reason":"stop"}]}',
  ),
);

test('StreamReader gives a completion or an ApiError for anything, in any pieces', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('data: ', 'data:', '', ':'), line, fc.constantFrom('\n', '\n\n', '\r\n\r\n'))),
      fc.array(fc.nat(400)),
      (lines, cuts) => {
        const bytes = Buffer.from(lines.flat().join(''));
        const edges = [0, ...cuts.toSorted((left, right) => left - right), bytes.length];
        const pieces = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
        const cut = read(pieces);
        const { end } = read([bytes]);
        if (end instanceof ApiError) expect(cut.end).toMatchObject({ message: end.message });
        else expect(cut.end).toMatchObject({ raw: end.raw });
      },
    ),
    { numRuns: 500 },
  );
});

test('a stream with bytes that are no text says so, wherever it is cut', () => {
  const whole = Buffer.from(events(chunk({ content: 'Caf?é' }), chunk({}, { finish: 'stop' }), '[DONE]'));
  const broken = Buffer.from(whole);
  broken[broken.indexOf('?')] = 0xe9;
  for (let cut = 0; cut <= whole.length; cut += 1) {
    for (const [bytes, hasBrokenText] of [
      [whole, undefined],
      [broken, true],
    ] as const) {
      const reader = new StreamReader({ status: 200, headers: {} });
      const deltas: CompletionDelta[] = [];
      reader.push(bytes.subarray(0, cut), deltas);
      reader.push(bytes.subarray(cut), deltas);
      expect(reader.end(deltas).hasBrokenText).toBe(hasBrokenText);
    }
  }
});
