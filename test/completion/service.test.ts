import { describe, expect, test } from 'vitest';
import { identifyService, isEmulatorName, mayBeEmulator } from '../../src/completion/service.ts';

const nameOf = (url: string): string => identifyService(new URL(url)).name;
const google = (location: string, endpoint: string): string =>
  `https://${location}-aiplatform.googleapis.com/v1/projects/p/locations/${location}/endpoints/${endpoint}/chat/completions`;

describe('identifyService', () => {
  test("gives Vertex AI's models one name, whatever project, location and version", () => {
    const others = [
      google('us-central1', 'openapi'),
      'https://aiplatform.googleapis.com/v1beta1/projects/q/locations/global/endpoints/openapi/chat/completions',
      'https://aiplatform.eu.rep.googleapis.com/v1/projects/q/locations/eu/endpoints/openapi/chat/completions',
    ];
    expect(others.map(nameOf)).toEqual(others.map(() => 'aiplatform.googleapis.com'));
    expect(identifyService(new URL(google('us-central1', 'openapi'))).location).toBe('us-central1');
  });

  test.each([
    ['two endpoints', google('us-central1', '111'), google('us-central1', '222')],
    ['an endpoint and the models', google('us-central1', '111'), google('us-central1', 'openapi')],
    ['two ports', 'http://127.0.0.1:8000/v1/chat/completions', 'http://127.0.0.1:8001/v1/chat/completions'],
    ['two paths', 'https://models.example/a/chat/completions', 'https://models.example/b/chat/completions'],
    ['two Google APIs', google('us-central1', 'openapi'), 'https://generativelanguage.googleapis.com/v1beta/openai'],
    // Only https proves a host.
    ['Google and who says so', google('us-central1', '1'), google('us-central1', '1').replace('https', 'http')],
  ])('tells %s apart', (_what, one, other) => {
    expect(nameOf(one)).not.toBe(nameOf(other));
  });

  test('gives an endpoint one name on its dedicated host and on the common one', () => {
    const path = 'v1/projects/p/locations/us-central1/endpoints/111/chat/completions';
    const dedicated = `https://111.us-central1-5.prediction.vertexai.goog/${path}`;
    expect(nameOf(dedicated)).toBe(nameOf(google('us-central1', '111')));
  });

  test('gives the emulator one name on every port, and names its endpoints', () => {
    const name = (port: number, endpoint: string): string => {
      const url = `http://127.0.0.1:${port}/v1/projects/p/locations/global/endpoints/${endpoint}/chat/completions`;
      return identifyService(new URL(url), { isEmulated: true }).name;
    };
    expect([name(1, 'openapi'), name(2, 'openapi')]).toEqual(['emulator', 'emulator']);
    expect(name(1, '111')).not.toBe(name(1, '222'));
    expect([name(1, 'openapi'), name(1, '111'), 'emulator.example'].map(isEmulatorName)).toEqual([true, true, false]);
  });
});

test('only a URL of plain HTTP with the paths of Vertex AI could be the emulator', () => {
  const path = 'v1/projects/p/locations/global/endpoints/openapi/chat/completions';
  expect(mayBeEmulator(new URL(`http://127.0.0.1:8085/${path}`))).toBe(true);
  expect(mayBeEmulator(new URL(`https://aiplatform.googleapis.com/${path}`))).toBe(false);
  expect(mayBeEmulator(new URL('http://127.0.0.1:8000/v1/chat/completions'))).toBe(false);
});
