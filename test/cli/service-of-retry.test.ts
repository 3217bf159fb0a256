import { expect, test } from 'vitest';
import { withServiceOfRun } from '../../src/cli/service-of-retry.ts';
import { retryFlags } from '../../src/cli/settings/flags/run-flags.ts';
import { resolveSettings } from '../../src/cli/settings/settings.ts';

const vertex = (host: string, endpoint = 'openapi'): string =>
  `https://${host}/v1beta1/projects/night-shift/locations/us-central1/endpoints/${endpoint}/chat/completions`;

function serviceOf(service: string, parsed: Record<string, unknown> = {}, environment = {}): object {
  const given = resolveSettings(retryFlags, parsed, environment);
  const settings = withServiceOfRun(given, { settings: { service } });
  const names = ['project', 'location', 'endpoint', 'api-version', 'base-url'] as const;
  const texts = names.flatMap((name) => {
    const value = settings.text(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(texts), ...(settings.isOn('emulator') ? { emulator: true } : {}) };
}

const place = { project: 'night-shift', location: 'us-central1', 'api-version': 'v1beta1' };

test.each([
  { name: 'Vertex AI in a region', service: vertex('us-central1-aiplatform.googleapis.com'), is: place },
  { name: 'Vertex AI in a multi-region', service: vertex('aiplatform.eu.rep.googleapis.com'), is: place },
  {
    name: 'an endpoint of ones own',
    service: vertex('us-central1-aiplatform.googleapis.com', '123'),
    is: { ...place, endpoint: '123' },
  },
  { name: 'the embedded emulator', service: 'emulator', is: { emulator: true } },
  {
    name: 'another server',
    service: 'http://127.0.0.1:8000/v1/chat/completions',
    is: { 'base-url': 'http://127.0.0.1:8000/v1/chat/completions' },
  },
])('a retry asks $name where the run did', ({ service, is }) => {
  expect(serviceOf(service)).toEqual(is);
});

test('what is named wins, by flag or variable, and the rest of the place is the run’s', () => {
  const service = vertex('aiplatform.googleapis.com');
  expect(serviceOf(service, { project: 'other' })).toEqual({ ...place, project: 'other' });
  expect(serviceOf(service, {}, { GLEANER_LOCATION: 'global' })).toEqual({ ...place, location: 'global' });
  expect(serviceOf(service, { baseUrl: 'https://x.test/v1' })).toEqual({ 'base-url': 'https://x.test/v1' });
  expect(serviceOf(service, { emulator: true })).toEqual({ emulator: true });
  expect(serviceOf('emulator', { project: 'p' })).toEqual({ project: 'p' });
  expect(serviceOf('https://x.test/v1/chat/completions', { project: 'p' })).toEqual({ project: 'p' });
});
