import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatMessage, ChatRequest } from '../../src/completion/request.ts';
import { KNOWN_JSON, knownJson, requestJson } from '../../src/completion/request-json.ts';

const messages: ChatMessage[] = [{ role: 'user', content: 'Total: 12 €' }];
const shared = { temperature: 0, max_tokens: 1024, response_format: { type: 'json_object' } } as const;

describe('requestJson', () => {
  it('writes a request of shared members as JSON.stringify does', () => {
    const names = fc.constantFrom('temperature', 'seed', 'stop', 'labels', 'extra_body');
    const parts = fc.dictionary(names, fc.jsonValue(), { noNullPrototype: true });
    fc.assert(
      fc.property(parts, fc.string(), fc.boolean(), (part, text, isNamed) => {
        const own = [{ role: 'user' as const, content: text }];
        const request = { ...(isNamed ? { model: 'google/m' } : {}), messages: own, ...part } as ChatRequest;
        const expected = JSON.stringify(request);
        request[KNOWN_JSON] = { ...knownJson(part), messages: own, messagesJson: JSON.stringify(own) };
        expect(requestJson(request)).toBe(expected);
      }),
    );
  });

  it('takes what is written already from where it stands', () => {
    const request: ChatRequest = { messages, ...shared };
    request[KNOWN_JSON] = { shared, sharedJson: '{"written":1}', messages, messagesJson: '["once"]' };
    expect(requestJson(request)).toBe('{"messages":["once"],"written":1}');
  });

  it.each<[string, Partial<ChatRequest>]>([
    ['a member more', { stream: true }],
    ['a member that is another one', { response_format: { type: 'text' } }],
    ['other messages', { messages: [{ role: 'user', content: 'another' }] }],
    ['another model', { model: 'google/other' }],
  ])('sends %s of a request that was made from another one', (_, change) => {
    const made: ChatRequest = { model: 'google/m', messages, ...shared };
    made[KNOWN_JSON] = { ...knownJson(shared), messages, messagesJson: JSON.stringify(messages) };
    const request = { ...made, ...change };
    expect(JSON.parse(requestJson(request))).toEqual(JSON.parse(JSON.stringify(request)));
  });

  it('leaves out no member that a request has lost', () => {
    const { temperature: _, ...less } = shared;
    const request: ChatRequest = { messages, ...less };
    request[KNOWN_JSON] = knownJson(shared);
    expect(requestJson(request)).toBe(JSON.stringify(request));
  });
});
