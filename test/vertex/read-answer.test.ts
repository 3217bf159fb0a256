import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApiError } from '../../src/completion/api-error.ts';
import { readAnswer } from '../../src/vertex/read-answer.ts';
import { anyText } from '../any-text.ts';

function read(text: string, headers: Record<string, string> = {}): unknown {
  try {
    return readAnswer({ status: 200, headers, text });
  } catch (error) {
    return error;
  }
}

test('readAnswer reads a completion, also behind a byte order mark', () => {
  const text = '{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"total_tokens":3}}';
  expect(read(text)).toMatchObject({ content: 'hi', finishReason: 'stop', usage: { total: 3 } });
  expect(read(`\ufeff${text}`)).toMatchObject({ content: 'hi' });
});

test.each([
  { text: '', message: 'HTTP 200 with an empty body' },
  { text: '<html><title>Sign in</title>', message: 'HTTP 200 with an HTML page: Sign in' },
  { text: '{"choices":[{"mess', message: 'HTTP 200 with 18 bytes of truncated or broken JSON' },
  { text: 'null', message: 'HTTP 200 with JSON that is no completion' },
  { text: '[]', message: 'HTTP 200 with JSON that is no completion' },
  { text: '{"error":{"message":"what?"}}', message: 'HTTP 200 with JSON that is no completion' },
])('readAnswer finds $message', ({ text, message }) => {
  expect(read(text)).toMatchObject({ message, kind: 'unreadable', status: 200, isRetryable: true });
});

test('readAnswer names a content encoding that was not asked for', () => {
  expect(read('\u001f\ufffd', { 'content-encoding': 'gzip' })).toMatchObject({
    message: 'HTTP 200 with a gzip-encoded body that was not asked for',
    kind: 'unreadable',
  });
});

test.each([
  { text: '[{"error":{"code":429,"message":"later","status":"RESOURCE_EXHAUSTED"}}]', status: 429, isRetryable: true },
  { text: '{"error":{"message":"gone","status":"NOT_FOUND"}}', status: 404, isRetryable: false },
])('readAnswer takes an error that came as a success for what it says: $status', ({ text, status, isRetryable }) => {
  expect(read(text)).toMatchObject({ kind: 'status', status, isRetryable });
});

test('readAnswer gives a completion or an ApiError for anything', () => {
  fc.assert(
    fc.property(fc.oneof(anyText(), fc.json()), (text) => {
      const result = read(text);
      expect(result instanceof ApiError || (typeof result === 'object' && result !== null && 'raw' in result)).toBe(
        true,
      );
    }),
  );
});

test.each(['{"0":{}}', '"none"', '7', '["none"]', '[null]', 'true'])(
  'readAnswer takes choices %s for no completion',
  (choices) => {
    expect(read(`{"choices":${choices},"usage":{"total_tokens":3}}`)).toMatchObject({
      message: 'HTTP 200 with JSON that is no completion',
      kind: 'unreadable',
    });
  },
);

test('readAnswer gives the error that stands where choices should', () => {
  const error = '"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}';
  for (const text of [`{"choices":[],${error}}`, `{"choices":null,"usage":{},${error}}`, `{${error},"usage":{}}`]) {
    expect(read(text)).toMatchObject({
      message: 'HTTP 200 RESOURCE_EXHAUSTED: slow down'.replace('200', '429'),
      status: 429,
    });
  }
  expect(read('{"choices":[],"error":{"message":"what?"}}')).toMatchObject({ kind: 'unreadable' });
  expect(read('{"choices":[{"message":{"content":"hi"}}],"error":null}')).toMatchObject({ content: 'hi' });
  expect(read('{"choices":[],"usage":{"total_tokens":3}}')).toMatchObject({ content: undefined, usage: { total: 3 } });
});

test('readAnswer lets no credential and no control character of a name through, and bounds it', () => {
  const evil = `\u001b[2JBearer swordfish-7 ${'long '.repeat(100_000)}`;
  const text = JSON.stringify({
    id: evil,
    model: evil,
    choices: [{ finish_reason: evil, message: { content: 'hi' } }],
    usage: { extra_properties: { google: { traffic_type: evil } } },
  });
  const { id, model, finishReason, trafficType } = readAnswer(
    { status: 200, headers: {}, text },
    { secrets: ['swordfish-7'] },
  );
  for (const name of [id, model, finishReason, trafficType]) {
    expect(name).toMatch(/^\[2JBearer \[redacted\] long [ -~]*…$/);
    expect(name?.length).toBeLessThanOrEqual(100);
  }
});
