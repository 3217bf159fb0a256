import { faultKinds } from './faults.ts';
import type { JsonObject } from '../../json/value.ts';

const count = { type: 'integer', minimum: 0 } as const;
const positive = { type: 'integer', minimum: 1 } as const;
const share = { type: 'number', minimum: 0, maximum: 1 } as const;
const fault = { enum: faultKinds } as const;

/** JSON Schema (draft 2020-12) of scenario files: the emulator's options, as data. */
export const scenarioSchema: JsonObject = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Scenario of the gleaner emulator',
  description: 'Everything is optional; what is left out has its default.',
  type: 'object',
  additionalProperties: false,
  properties: {
    $schema: { type: 'string', description: 'For editors.' },
    port: { type: 'integer', minimum: 0, maximum: 65_535, description: 'Port to listen on; 0 picks a free one.' },
    host: { type: 'string', minLength: 1, description: 'Address to listen on. Default 127.0.0.1.' },
    allowedHosts: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      description: 'Names by which the server may be called, besides its address and localhost.',
    },
    seed: { type: 'integer', description: 'Every draw, of answers and of faults, depends on it. Default 1.' },
    latencyMs: {
      description: 'Time before an answer starts, in milliseconds. Default 0.',
      anyOf: [
        { type: 'number', minimum: 0 },
        {
          type: 'object',
          additionalProperties: false,
          required: ['min', 'max'],
          properties: { min: { type: 'number', minimum: 0 }, max: { type: 'number', minimum: 0 } },
        },
      ],
    },
    requestsPerMinute: {
      ...positive,
      description: 'Quota of each model and consumption option; above it the answer is 429.',
    },
    tokensPerMinute: { ...positive, description: 'Quota of prompt, completion and thinking tokens of each model.' },
    quotaHint: {
      enum: ['none', 'retry-after', 'retry-info'],
      description: 'What a 429 for an exceeded quota says about waiting. Default none.',
    },
    faults: {
      type: 'object',
      description: 'Faults by chance: a function of seed, messages and attempt.',
      additionalProperties: false,
      required: ['rate'],
      properties: {
        rate: { ...share, description: 'Share of requests that fail.' },
        kinds: {
          type: 'array',
          minItems: 1,
          items: fault,
          description: 'What to draw from. Default: what a client should survive.',
        },
        weights: {
          type: 'object',
          description: 'Relative weight of a kind. Default 1 each.',
          propertyNames: fault,
          additionalProperties: { type: 'number', minimum: 0 },
        },
      },
    },
    script: {
      type: 'array',
      description: 'Faults and answers for chosen requests; the first step that matches and is not used up applies.',
      items: { $ref: '#/$defs/step' },
    },
    schemaGate: {
      enum: ['documented', 'bare', 'off'],
      description: 'How a schema that Gemini refuses is answered. Default documented.',
    },
    models: {
      type: 'array',
      description: 'Rules of models, before those that are built in; the first row that fits counts.',
      items: { $ref: '#/$defs/model' },
    },
    anyModel: { type: 'boolean', description: 'Whether models answer that nothing is known of. Default false: 404.' },
    retiredModels: {
      type: 'array',
      items: { type: 'string' },
      description: 'Model ids that answer 404, instead of those known to be shut down.',
    },
    tokens: {
      type: 'object',
      description: 'How bearer tokens are treated, and what the token routes give out.',
      additionalProperties: false,
      properties: {
        accept: { enum: ['any', 'issued'], description: 'issued: only what the token routes gave out. Default any.' },
        lifetimeMs: { ...positive, description: 'How long an issued token is accepted. Default one hour.' },
        statedLifetimeMs: { ...positive, description: 'How long the token routes say it is. Default lifetimeMs.' },
        project: {
          type: 'string',
          minLength: 1,
          description: 'The project of issued tokens. Default emulated-project.',
        },
      },
    },
    parallelToolCalls: { ...positive, description: 'Most functions that one generated answer calls. Default 1.' },
    cachedTokens: {
      ...share,
      description: 'Share of each prompt that is reported as cached. Default: nothing is said.',
    },
    keepRequests: { ...count, description: 'How many requests are remembered. Default 1000.' },
    maxBodyBytes: { ...positive, description: 'Largest request body; above it the answer is 413. Default 32 MiB.' },
    maxStallMs: { type: 'number', minimum: 0, description: 'How long a stall lasts at most. Default 10 minutes.' },
    dripMs: { type: 'number', minimum: 0, description: 'Pause between the pieces of a slow-drip answer. Default 50.' },
    eventDelayMs: { type: 'number', minimum: 0, description: 'Pause between the events of a stream. Default 0.' },
  },
  $defs: {
    step: {
      type: 'object',
      additionalProperties: false,
      properties: {
        nth: { ...positive, description: 'Number of the request among those that were well-formed and within quotas.' },
        contains: { type: 'string', description: "Text that the user's message contains." },
        attempt: { ...positive, description: 'Number of the request among those with the same messages.' },
        times: {
          description: 'How many requests the step serves. Default 1.',
          anyOf: [positive, { enum: ['all'] }],
        },
        fault: { ...fault, description: 'What goes wrong.' },
        retryAfterSeconds: { type: 'number', minimum: 0, description: 'For retry-after and retry-info. Default 1.' },
        content: { type: 'string', description: 'Text to answer with.' },
        finishReason: { type: 'string', description: 'With content. Default stop.' },
        toolCalls: {
          type: 'array',
          minItems: 1,
          description: 'Functions to call; several are parallel calls.',
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['name'],
            properties: {
              name: { type: 'string', minLength: 1 },
              arguments: {
                description: 'An object, or text to be sent as it is. Default {}.',
                anyOf: [{ type: 'object' }, { type: 'string' }],
              },
            },
          },
        },
        tokens: {
          type: 'object',
          description: 'With content or toolCalls: what the usage says, where the count of the emulator will not do.',
          additionalProperties: false,
          properties: { prompt: count, cached: count, completion: count, reasoning: count },
        },
      },
      oneOf: [{ required: ['fault'] }, { required: ['content'] }, { required: ['toolCalls'] }],
    },
    model: {
      type: 'object',
      additionalProperties: false,
      required: ['model'],
      properties: {
        model: { type: 'string', minLength: 1, description: 'A model id; with * at its end, all that begin so.' },
        isServed: { type: 'boolean', description: 'false: 404.' },
        maxInputTokens: positive,
        maxOutputTokens: positive,
        maxCandidates: { ...positive, description: 'Largest n.' },
        acceptsPenalties: { type: 'boolean' },
        thinksByDefault: { type: 'boolean' },
        thinkingLevels: {
          type: 'array',
          items: { enum: ['minimal', 'low', 'medium', 'high', 'xhigh'] },
        },
        thinkingBudget: {
          description: 'Allowed thinking_budget; null where the model takes levels only.',
          anyOf: [
            { type: 'null' },
            {
              type: 'object',
              additionalProperties: false,
              required: ['minimum', 'maximum', 'canBeOff'],
              properties: { minimum: count, maximum: positive, canBeOff: { type: 'boolean' } },
            },
          ],
        },
        acceptsPrefill: { type: 'boolean', description: "Whether a conversation may end with the model's turn." },
        wantsSignatures: { type: 'boolean', description: 'Whether tool calls need their thought signature.' },
        acceptsTextWithCalls: { type: 'boolean', description: 'Whether a turn may hold text beside tool calls.' },
        acceptsMixedDetail: { type: 'boolean', description: 'Whether images may differ in detail.' },
        hasSchemaGate: { type: 'boolean' },
        requestsPerMinute: { anyOf: [{ type: 'null' }, positive] },
        tokensPerMinute: { anyOf: [{ type: 'null' }, positive] },
      },
    },
  },
};
