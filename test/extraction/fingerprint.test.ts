import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../src/completion/request.ts';
import { compileFingerprint, type FingerprintParts } from '../../src/extraction/fingerprint.ts';

const parts: FingerprintParts = {
  model: 'google/gemini-3.5-flash-lite',
  schema: { type: 'object', properties: { a: { type: 'string', minLength: 1 } } },
  providerSchema: { type: 'object', properties: { a: { type: 'string' }, b: { type: 'number' } } },
  request: { temperature: 0, maxTokens: 10 },
  service: 'aiplatform.googleapis.com',
};
const messages: ChatMessage[] = [
  { role: 'system', content: 'Be exact.' },
  { role: 'user', content: 'Total 5' },
];
const fingerprint = compileFingerprint(parts)(messages);

describe('compileFingerprint', () => {
  it('is 32 hex digits and the same for the same parts', () => {
    expect(fingerprint).toMatch(/^[0-9a-f]{32}$/);
    const sameParts = { ...parts, request: { maxTokens: 10, temperature: 0 } };
    expect(compileFingerprint(sameParts)(structuredClone(messages))).toBe(fingerprint);
  });

  it.each<[string, Partial<FingerprintParts>]>([
    ['the model', { model: 'google/gemini-3.8-flash' }],
    ['no model', { model: undefined }],
    ['the schema', { schema: { type: 'object' } }],
    [
      'the order of what is asked for',
      { providerSchema: { type: 'object', properties: { b: { type: 'number' }, a: { type: 'string' } } } },
    ],
    ['the settings', { request: { temperature: 1, maxTokens: 10 } }],
    ['no settings', { request: undefined }],
    ['another service', { service: 'localhost:8000/v1' }],
    ['the emulator', { service: 'emulator' }],
  ])('changes with %s', (_what, change) => {
    expect(compileFingerprint({ ...parts, ...change })(messages)).not.toBe(fingerprint);
  });

  it('of Vertex AI and the emulator is what it was before services had names, so that nothing is paid again', () => {
    expect(fingerprint).toBe('7ba28b1952397e1a451c3a5dcce18f66');
    expect(compileFingerprint({ ...parts, service: 'emulator' })(messages)).toBe('9a83632637602bcacaae16fb2778e5dc');
  });

  it('changes with every message', () => {
    const compute = compileFingerprint(parts);
    expect(compute([{ role: 'system', content: 'Be exact' }, ...messages.slice(1)])).not.toBe(fingerprint);
    expect(compute([...messages.slice(0, 1), { role: 'user', content: 'Total 6' }])).not.toBe(fingerprint);
  });
});
