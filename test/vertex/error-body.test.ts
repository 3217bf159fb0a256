import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApiError } from '../../src/completion/api-error.ts';
import { readErrorBody } from '../../src/vertex/error-body.ts';
import { anyText } from '../any-text.ts';

const exhausted = {
  error: {
    code: 429,
    message: 'Resource exhausted. Please try again later.',
    status: 'RESOURCE_EXHAUSTED',
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
        violations: [
          {
            quotaMetric: 'aiplatform.googleapis.com/requests',
            quotaId: 'RequestsPerDayPerProject',
            subject: 'project:1',
          },
          { quotaId: 'RequestsPerDayPerProject' },
        ],
      },
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'RATE_LIMIT_EXCEEDED',
        metadata: { quota_limit: 'RequestsPerMinutePerProjectPerRegion', service: 'aiplatform.googleapis.com' },
      },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' },
    ],
  },
};

test.each([{ body: exhausted }, { body: [exhausted] }])(
  'readErrorBody reads google.rpc.Status, bare or in an array',
  ({ body }) => {
    const error = readErrorBody({ status: 429, headers: {}, text: JSON.stringify(body, undefined, 2) });
    expect(error).toMatchObject({
      message: 'HTTP 429 RESOURCE_EXHAUSTED (RATE_LIMIT_EXCEEDED): Resource exhausted. Please try again later.',
      kind: 'status',
      status: 429,
      code: 'RESOURCE_EXHAUSTED',
      retryAfterMs: 34_400,
      isRetryable: true,
      quotas: [
        'RequestsPerDayPerProject',
        'aiplatform.googleapis.com/requests',
        'project:1',
        'RequestsPerMinutePerProjectPerRegion',
      ],
    });
  },
);

test.each([
  { name: 'a known error', body: { error: { message: 'no' } } },
  { name: 'an error of no known shape', body: { odd: true } },
])('tokens that are reported beside $name count, whatever its status', ({ body }) => {
  const usage = { prompt_tokens: 90, completion_tokens: 10, total_tokens: 100 };
  const charged = readErrorBody({ status: 500, headers: {}, text: JSON.stringify({ ...body, usage }) });
  expect(charged).toMatchObject({ usage: { total: 100 }, isUsageFinal: true, mayBeBilled: true, status: 500 });
  expect(readErrorBody({ status: 500, headers: {}, text: JSON.stringify(body) })).toMatchObject({
    usage: undefined,
    mayBeBilled: false,
  });
});

test('readErrorBody appends field violations, for they may be all that is said', () => {
  const text = JSON.stringify([
    {
      error: {
        code: 400,
        message: 'Request contains an invalid argument.',
        status: 'INVALID_ARGUMENT',
        details: [{ fieldViolations: [{ field: 'generation_config', description: 'too many states for serving' }] }],
      },
    },
  ]);
  const error = readErrorBody({ status: 400, headers: {}, text });
  expect(error.message).toBe(
    'HTTP 400 INVALID_ARGUMENT: Request contains an invalid argument.; generation_config: too many states for serving',
  );
  expect(error.isRetryable).toBe(false);
});

test.each([
  {
    name: "OpenAI's shape",
    text: '{"error":{"message":"Slow down","type":"requests","code":"rate_limit_exceeded"}}',
    message: 'HTTP 503 rate_limit_exceeded: Slow down',
    code: 'rate_limit_exceeded',
  },
  { name: 'a text', text: '{"error":"no such model"}', message: 'HTTP 503: no such model', code: undefined },
  {
    name: "OAuth's shape",
    text: '{"error":"invalid_grant","error_description":"Expired."}',
    message: 'HTTP 503 invalid_grant: Expired.',
    code: 'invalid_grant',
  },
  { name: 'no message', text: '{"error":{"code":503}}', message: 'HTTP 503: no message', code: undefined },
  {
    name: 'HTML',
    text: '<!DOCTYPE html>\n<html lang=en>\n<title>Error 404 (Not\nFound)!!1</title><p>',
    message: 'HTTP 503 with an HTML page: Error 404 (Not Found)!!1',
    code: undefined,
  },
  { name: 'HTML without a title', text: ' <html><p>x', message: 'HTTP 503 with an HTML page', code: undefined },
  { name: 'nothing', text: '', message: 'HTTP 503 with an empty body', code: undefined },
  { name: 'blanks', text: ' \n', message: 'HTTP 503 with an empty body', code: undefined },
  {
    name: 'truncated JSON',
    text: '[{"error":{"code":503,"mess',
    message: 'HTTP 503 with 27 bytes of truncated or broken JSON',
    code: undefined,
  },
  { name: 'text', text: 'upstream\u0007 gone', message: 'HTTP 503: upstream gone', code: undefined },
])('readErrorBody reads $name', ({ text, message, code }) => {
  expect(readErrorBody({ status: 503, headers: { 'retry-after': '2' }, text })).toMatchObject({
    message,
    code,
    kind: 'status',
    status: 503,
    retryAfterMs: 2000,
    isRetryable: true,
  });
});

test('readErrorBody names where a redirect leads, without its query', () => {
  const headers = { location: 'https://login.example/sso?token=hunter2' };
  expect(readErrorBody({ status: 302, headers, text: '' }).message).toBe(
    'HTTP 302 redirect to https://login.example (not followed: check the base URL) with an empty body',
  );
});

test('readErrorBody bounds what it repeats, keeps it on one line and drops credentials', () => {
  const message = `bad\nheader Bearer abcdef and swordfish-7 ${'long '.repeat(1000)}`;
  const error = readErrorBody(
    { status: 400, headers: {}, text: JSON.stringify({ error: { message, status: 'swordfish-7' } }) },
    { secrets: ['swordfish-7'] },
  );
  expect(error.message).toMatch(/^HTTP 400: bad header \[redacted\] and \[redacted\] long [^\n]*…$/);
  expect(error.message.length).toBeLessThan(520);
  expect(error.code).toBeUndefined();
});

test('readErrorBody makes an ApiError of anything', () => {
  const anyError = fc.record(
    {
      code: fc.jsonValue(),
      message: fc.jsonValue(),
      status: fc.jsonValue(),
      details: fc.oneof(
        fc.jsonValue(),
        fc.array(
          fc.record(
            {
              violations: fc.jsonValue(),
              fieldViolations: fc.jsonValue(),
              metadata: fc.jsonValue(),
              retryDelay: fc.jsonValue(),
            },
            { requiredKeys: [] },
          ),
        ),
      ),
    },
    { requiredKeys: [] },
  );
  const text = fc.oneof(
    anyText(),
    fc.json(),
    anyError.map((error) => JSON.stringify({ error })),
    anyError.map((error) => JSON.stringify([{ error }])),
    anyError.chain((error) => fc.nat(40).map((length) => JSON.stringify({ error }).slice(0, length))),
  );
  fc.assert(
    fc.property(fc.integer({ min: 300, max: 599 }), text, (status, text) => {
      const error = readErrorBody({ status, headers: {}, text });
      expect(error).toBeInstanceOf(ApiError);
      expect(error.status).toBe(status);
      expect(error.message).toMatch(new RegExp(`^HTTP ${status}[^\\n]*$`));
      expect(error.message.length).toBeLessThan(700);
    }),
    { numRuns: 500 },
  );
});

test('readErrorBody names the host of a redirect, and no credential that was written into it', () => {
  const redirect = (location: string) =>
    readErrorBody({ status: 302, headers: { location }, text: '' }, { secrets: ['Quiet.Lantern-Zq7/tail-of-it'] })
      .message;
  expect(redirect('https://other.example/path?token=x')).toContain('redirect to https://other.example (not followed');
  expect(redirect('https://quiet.lantern-zq7.example/')).toContain('redirect to https://[redacted].example (not');
  expect(redirect('https://QUIET.LANTERN-ZQ7/tail-of-it')).not.toMatch(/lantern/i);
  expect(redirect(`https://${'a.'.repeat(1000)}example/`).length).toBeLessThan(300);
});

test("llama.cpp's error is read: a number as code, a name as type, and figures beside them", () => {
  const error = {
    code: 400,
    message: 'the request exceeds the available context size, try increasing it',
    type: 'exceed_context_size_error',
    n_prompt_tokens: 9001,
    n_ctx: 4096,
  };
  expect(readErrorBody({ status: 400, headers: {}, text: JSON.stringify({ error }) })).toMatchObject({
    message: expect.stringContaining('exceeds the available context size'),
    status: 400,
    code: 'exceed_context_size_error',
    isRetryable: false,
  });
});
