import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ChatMessage } from '../../src/completion/request.ts';
import { requestJson } from '../../src/completion/request-json.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import type { RequestSettings } from '../../src/extraction/definition.ts';
import { compileRequest } from '../../src/extraction/request.ts';

const messages: ChatMessage[] = [{ role: 'user', content: 'x' }];
const providerSchema = { type: 'object', properties: { a: { type: 'string' } } };

function build(request: RequestSettings | undefined, model: string | undefined = 'google/gemini-3.5-flash-lite') {
  const extraction = defineExtraction({
    name: 'receipt',
    schema: z.object({ a: z.string() }),
    instructions: 'i',
    prompt: '{{a}}',
    ...(request === undefined ? {} : { request }),
  });
  return compileRequest({ extraction, model, providerSchema })(messages);
}

describe('compileRequest', () => {
  it('asks for the schema under the name of the extraction', () => {
    expect(JSON.parse(requestJson(build(undefined)))).toEqual({
      model: 'google/gemini-3.5-flash-lite',
      messages,
      response_format: { type: 'json_schema', json_schema: { name: 'receipt', schema: providerSchema } },
    });
  });

  it('sends settings under their names on the wire', () => {
    const request = build({ temperature: 0, topP: 0.9, maxTokens: 10, seed: 7, stop: ['END'], reasoningEffort: 'low' });
    expect(request).toMatchObject({
      temperature: 0,
      top_p: 0.9,
      max_tokens: 10,
      seed: 7,
      stop: ['END'],
      reasoning_effort: 'low',
    });
  });

  it('sends thinking as Google documents it, and never asks for thoughts', () => {
    expect(build({ thinking: { budget: 0 } }).extra_body).toEqual({
      google: { thinking_config: { thinking_budget: 0 } },
    });
    expect(build({ thinking: { level: 'low' } }).extra_body).toEqual({
      google: { thinking_config: { thinking_level: 'low' } },
    });
  });

  it('names no model where an endpoint serves but one', () => {
    const extraction = defineExtraction({
      name: 'x',
      schema: z.object({ a: z.string() }),
      instructions: 'i',
      prompt: 'p',
    });
    expect(compileRequest({ extraction, model: undefined, providerSchema })(messages)).not.toHaveProperty('model');
  });
});
