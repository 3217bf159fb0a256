import { expect, test } from 'vitest';
import { GleanerError } from '../../src/gleaner-error.ts';
import { isGoogleHost } from '../../src/completion/service.ts';
import { chatCompletionsUrl, type EndpointOptions } from '../../src/vertex/endpoint-url.ts';

const urls: { options: EndpointOptions; url: string }[] = [
  {
    options: { project: 'my-project', location: 'us-central1' },
    url: 'https://us-central1-aiplatform.googleapis.com/v1/projects/my-project/locations/us-central1/endpoints/openapi/chat/completions',
  },
  {
    options: { project: 'my-project', location: 'global', apiVersion: 'v1beta1' },
    url: 'https://aiplatform.googleapis.com/v1beta1/projects/my-project/locations/global/endpoints/openapi/chat/completions',
  },
  {
    options: { project: '123456', location: 'us' },
    url: 'https://aiplatform.us.rep.googleapis.com/v1/projects/123456/locations/us/endpoints/openapi/chat/completions',
  },
  {
    options: { project: 'example.com:reports', location: 'eu', endpoint: '8765432109' },
    url: 'https://aiplatform.eu.rep.googleapis.com/v1/projects/example.com:reports/locations/eu/endpoints/8765432109/chat/completions',
  },
  { options: { baseUrl: 'http://127.0.0.1:8085' }, url: 'http://127.0.0.1:8085/chat/completions' },
  { options: { baseUrl: 'http://localhost:1/v1/' }, url: 'http://localhost:1/v1/chat/completions' },
  { options: { baseUrl: 'http://[::1]:1/v1///' }, url: 'http://[::1]:1/v1/chat/completions' },
  { options: { baseUrl: 'http://127.9.9.9/' }, url: 'http://127.9.9.9/chat/completions' },
  { options: { baseUrl: ' https://h/a/chat/completions/ ' }, url: 'https://h/a/chat/completions' },
  {
    options: { baseUrl: 'https://1.us-central1-2.prediction.vertexai.goog/v1', project: 'ignored' },
    url: 'https://1.us-central1-2.prediction.vertexai.goog/v1/chat/completions',
  },
];

test.each(urls)('chatCompletionsUrl gives $url', ({ options, url }) => {
  expect(chatCompletionsUrl(options).href).toBe(url);
});

const refusals: { options: EndpointOptions; says: RegExp }[] = [
  { options: { location: 'global' }, says: /no project given/ },
  { options: { project: '', location: 'global' }, says: /no project given/ },
  { options: { project: 'p' }, says: /no location given/ },
  { options: { project: 'p/../q', location: 'global' }, says: /project "p\/\.\.\/q" is no project id/ },
  { options: { project: '..', location: 'global' }, says: /no project id/ },
  { options: { project: 'p?x', location: 'global' }, says: /no project id/ },
  { options: { project: 'p', location: 'evil.example/' }, says: /no location/ },
  { options: { project: 'p', location: 'evil.example#' }, says: /no location/ },
  { options: { project: 'p', location: 'user@evil' }, says: /no location/ },
  { options: { project: 'p', location: 'US-CENTRAL1' }, says: /no location/ },
  { options: { project: 'p', location: 'us-central1\n' }, says: /no location/ },
  { options: { project: 'p', location: 'us-central1-a' }, says: /a zone; the region is "us-central1"/ },
  { options: { project: 'p', location: 'us', endpoint: 'projects/1/endpoints/2' }, says: /only the last part/ },
  { options: { project: 'p', location: 'us', endpoint: '..' }, says: /no endpoint id/ },
  { options: { project: 'p', location: 'us', apiVersion: 'v2' }, says: /give v1 or v1beta1/ },
  { options: { baseUrl: '' }, says: /complete URL/ },
  { options: { baseUrl: 'localhost:8085' }, says: /complete URL/ },
  { options: { baseUrl: 'file:///etc/passwd' }, says: /complete URL/ },
  { options: { baseUrl: 'http://example.com' }, says: /http: is for this machine only/ },
  { options: { baseUrl: 'http://127.0.0.1.example.com' }, says: /http: is for this machine only/ },
  { options: { baseUrl: 'http://localhost.example.com' }, says: /http: is for this machine only/ },
  { options: { baseUrl: 'https://h/?' }, says: /before any \? or #/ },
];

test.each(refusals)('chatCompletionsUrl refuses $options', ({ options, says }) => {
  expect(() => chatCompletionsUrl(options)).toThrow(GleanerError);
  expect(() => chatCompletionsUrl(options)).toThrow(says);
});

test.each([
  'https://user:hunter2@h/',
  'https://hunter2@h/',
  'https://h/?key=hunter2',
  'https://h/#hunter2',
  'hunter2@h',
])('chatCompletionsUrl does not repeat the secret in a refused URL %#', (baseUrl) => {
  expect(() => chatCompletionsUrl({ baseUrl })).toThrow(/^Cannot use base URL (?!.*hunter2)/);
});

test('isGoogleHost knows Google by the end of the host name, and only over https', () => {
  const yes = [
    'aiplatform.googleapis.com',
    'aiplatform.eu.rep.googleapis.com',
    'x.us-east1-1.prediction.vertexai.goog',
  ];
  const no = [
    'googleapis.com.evil.example',
    'evilgoogleapis.com',
    'prediction.vertexai.goog.evil.example',
    'vertexai.goog',
  ];
  expect(yes.map((host) => isGoogleHost(new URL(`https://${host}/`)))).toEqual([true, true, true]);
  expect(no.map((host) => isGoogleHost(new URL(`https://${host}/`)))).toEqual([false, false, false, false]);
  expect(isGoogleHost(new URL('http://aiplatform.googleapis.com/'))).toBe(false);
  expect(isGoogleHost(new URL('https://evil.example/aiplatform.googleapis.com'))).toBe(false);
});

test('plain http: to another host is for those who ask for it', () => {
  const baseUrl = 'http://litellm:4000/v1';
  expect(() => chatCompletionsUrl({ baseUrl })).toThrow('allow plain http inside a network that you trust');
  expect(chatCompletionsUrl({ baseUrl, allowHttp: true }).href).toBe('http://litellm:4000/v1/chat/completions');
});
