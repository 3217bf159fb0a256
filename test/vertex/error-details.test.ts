import { expect, test } from 'vitest';
import { readErrorBody } from '../../src/vertex/error-body.ts';
import { readAnswer } from '../../src/vertex/read-answer.ts';

test.each([
  {
    name: "FastAPI's list of places",
    status: 422,
    body: { detail: [{ type: 'missing', loc: ['body', 'messages', 0, 'role'], msg: 'Field required' }] },
    says: 'HTTP 422: messages.0.role: Field required',
  },
  { name: "FastAPI's text", status: 503, body: { detail: 'Model is loading' }, says: 'HTTP 503: Model is loading' },
  {
    name: "vLLM's bare error",
    status: 400,
    body: { object: 'error', message: 'Context length is 2048 tokens.', type: 'BadRequestError', code: 400 },
    says: 'HTTP 400 BadRequestError: Context length is 2048 tokens.',
  },
  {
    name: "a gateway's code that only repeats the status",
    status: 400,
    body: { error: { message: 'Unknown model', type: 'None', code: '400' } },
    says: 'HTTP 400 None: Unknown model',
  },
  {
    name: 'an error type beside a text',
    status: 422,
    body: { error: 'Input is too long', error_type: 'validation' },
    says: 'HTTP 422 validation: Input is too long',
  },
  { name: 'a message alone', status: 500, body: { message: 'Out of memory' }, says: 'HTTP 500: Out of memory' },
  {
    name: 'JSON of another shape',
    status: 500,
    body: { outcome: 'bad' },
    says: 'HTTP 500, JSON without a message: {"outcome":"bad"}',
  },
])('readErrorBody reads $name', ({ status, body, says }) => {
  expect(readErrorBody({ status, headers: {}, text: JSON.stringify(body) })).toMatchObject({ status, message: says });
});

test('readErrorBody quotes a short text, and says of broken JSON that it is broken', () => {
  expect(readErrorBody({ status: 500, headers: {}, text: 'Internal Server Error\n' }).message).toBe(
    'HTTP 500: Internal Server Error',
  );
  expect(readErrorBody({ status: 500, headers: {}, text: '{"error": {"mess' }).message).toBe(
    'HTTP 500 with 16 bytes of truncated or broken JSON',
  );
  expect(readErrorBody({ status: 500, headers: {}, text: '' }).message).toBe('HTTP 500 with an empty body');
});

const usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };

test.each([
  { name: 'a status', error: { code: 503, message: 'Overloaded', status: 'UNAVAILABLE' }, kind: 'status', status: 503 },
  { name: 'a status as text', error: { code: '429', message: 'Slow down' }, kind: 'status', status: 429 },
  { name: 'nothing known', error: { message: 'Something' }, kind: 'unreadable', status: 200 },
])(
  'an error in an answer with 200 and $name keeps the tokens beside it, which are billed',
  ({ error, kind, status }) => {
    const text = JSON.stringify({ error, usage });
    const failure = ((): unknown => {
      try {
        return readAnswer({ status: 200, headers: {}, text });
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(failure).toMatchObject({
      kind,
      status,
      mayBeBilled: true,
      usage: { prompt: 100, completion: 20, total: 120 },
    });
  },
);

test('an error in an answer with 200 may be billed even where it tells no tokens, and one with an error status is not', () => {
  const text = JSON.stringify({ error: { code: 503, message: 'Overloaded', status: 'UNAVAILABLE' } });
  expect(() => readAnswer({ status: 200, headers: {}, text })).toThrow(expect.objectContaining({ mayBeBilled: true }));
  expect(readErrorBody({ status: 503, headers: {}, text })).toMatchObject({ mayBeBilled: false, usage: undefined });
});
