import { z } from 'zod/v4';
import { bigQueryFaultKinds } from '../cloud/bigquery/bigquery-faults.ts';
import { batchFaultKinds } from '../cloud/batch-faults.ts';
import { defaultFaultMix, faultKinds } from './faults.ts';
import { retiredModels } from './models.ts';

const count = z.int().min(0);
const positive = z.int().min(1);
const share = z.number().min(0).max(1);
/** The longest that a timer takes. */
const milliseconds = z
  .number()
  .min(0)
  .max(2 ** 31 - 1);
const name = z.string().min(1);
const fault = z.enum(faultKinds);

const ACTIONS = ['fault', 'content', 'toolCalls'] as const;

const step = z
  .strictObject({
    nth: positive.describe('Number of the request among those that were well-formed and within quotas.'),
    contains: z.string().describe("Text that the user's message contains."),
    attempt: positive.describe('Number of the request among those with the same messages.'),
    times: z.union([positive, z.literal('all')]).describe('How many requests the step serves. Default 1.'),
    fault: fault.describe('What goes wrong.'),
    retryAfterSeconds: z.number().min(0).describe('For retry-after and retry-info. Default 1.'),
    content: z.string().describe('Text to answer with.'),
    finishReason: z.string().describe('With content. Default stop.'),
    toolCalls: z
      .array(
        z.strictObject({
          name,
          arguments: z
            .union([z.looseObject({}), z.string()])
            .optional()
            .describe('An object, or text to be sent as it is. Default {}.'),
        }),
      )
      .min(1)
      .describe('Functions to call; several are parallel calls.'),
    tokens: z
      .strictObject({ prompt: count, cached: count, completion: count, reasoning: count })
      .partial()
      .describe('With content or toolCalls: what the usage says, where the count of the emulator will not do.'),
  })
  .partial()
  .superRefine((value, context) => {
    const given = ACTIONS.filter((action) => value[action] !== undefined);
    if (given.length === 1) return;
    const got = given.length === 0 ? 'none' : given.join(' and ');
    context.addIssue({ code: 'custom', message: `must have one of ${ACTIONS.join(', ')}, got ${got}` });
  })
  .meta({ id: 'step', oneOf: ACTIONS.map((action) => ({ required: [action] })) });

const model = z
  .strictObject({
    model: name.describe('A model id; with * at its end, all that begin so.'),
    isServed: z.boolean().optional().describe('false: 404.'),
    maxInputTokens: positive.optional(),
    maxOutputTokens: positive.optional(),
    maxCandidates: positive.optional().describe('Largest n.'),
    acceptsPenalties: z.boolean().optional(),
    thinksByDefault: z.boolean().optional(),
    thinkingLevels: z.array(z.enum(['minimal', 'low', 'medium', 'high', 'xhigh'])).optional(),
    thinkingBudget: z
      .strictObject({ minimum: count, maximum: positive, canBeOff: z.boolean() })
      .nullable()
      .optional()
      .describe('Allowed thinking_budget; null where the model takes levels only.'),
    acceptsPrefill: z.boolean().optional().describe("Whether a conversation may end with the model's turn."),
    wantsSignatures: z.boolean().optional().describe('Whether tool calls need their thought signature.'),
    acceptsTextWithCalls: z.boolean().optional().describe('Whether a turn may hold text beside tool calls.'),
    acceptsMixedDetail: z.boolean().optional().describe('Whether images may differ in detail.'),
    hasSchemaGate: z.boolean().optional(),
    requestsPerMinute: positive.nullable().optional(),
    tokensPerMinute: positive.nullable().optional(),
  })
  .meta({ id: 'model' });

/** What a scenario may hold, with the defaults of what it leaves out. */
export const scenarioRules = z
  .strictObject({
    $schema: z.string().optional().describe('For editors.'),
    port: z.int().min(0).max(65_535).default(0).describe('Port to listen on; 0 picks a free one.'),
    host: name.default('127.0.0.1').describe('Address to listen on.'),
    allowedHosts: z.array(name).default([]).describe('Names it may be called by, besides its address and localhost.'),
    seed: z.int().default(1).describe('Every draw, of answers and of faults, depends on it.'),
    latencyMs: z
      .union([
        milliseconds,
        z
          .strictObject({ min: milliseconds, max: milliseconds })
          .refine(({ min, max }) => min <= max, { path: ['max'], error: 'must not be below min' }),
      ])
      .default(0)
      .describe('Time before an answer starts, in milliseconds.'),
    requestsPerMinute: positive
      .optional()
      .describe('Quota of each model and consumption option; above it the answer is 429.'),
    tokensPerMinute: positive.optional().describe('Quota of prompt, completion and thinking tokens of each model.'),
    quotaHint: z
      .enum(['none', 'retry-after', 'retry-info'])
      .default('none')
      .describe('What a 429 for an exceeded quota says about waiting.'),
    faults: z
      .strictObject({
        rate: share.describe('Share of requests that fail.'),
        kinds: z
          .array(fault)
          .min(1)
          .default([...defaultFaultMix])
          .describe('What to draw from.'),
        weights: z
          .strictObject(Object.fromEntries(faultKinds.map((kind) => [kind, z.number().min(0)])))
          .partial()
          .default({})
          .describe('Relative weight of a kind; 1 where there is none.'),
      })
      .optional()
      .describe('Faults by chance: a function of seed, messages and attempt.'),
    script: z
      .array(step)
      .default([])
      .describe('Faults and answers for chosen requests; the first step that matches and is not used up applies.'),
    schemaGate: z
      .enum(['documented', 'bare', 'off'])
      .default('documented')
      .describe('How a schema that Gemini refuses is answered.'),
    models: z
      .array(model)
      .default([])
      .describe('Rules of models, before those that are built in; the first row that fits counts.'),
    anyModel: z.boolean().default(false).describe('Whether names answer that nothing is known of; else they are 404.'),
    retiredModels: z
      .array(z.string())
      .default([...retiredModels])
      .describe('Model ids that answer 404.'),
    tokens: z
      .strictObject({
        accept: z.enum(['any', 'issued']).describe('issued: only what the token routes gave out. Default any.'),
        lifetimeMs: positive.describe('How long an issued token is accepted. Default one hour.'),
        statedLifetimeMs: positive.describe('How long the token routes say it is. Default lifetimeMs.'),
        project: name.describe('The project of issued tokens. Default emulated-project.'),
      })
      .partial()
      .default({})
      .describe('How bearer tokens are treated, and what the token routes give out.'),
    batch: z
      .strictObject({
        queueMs: milliseconds.describe('Time from creation to the start of work. Default 100.'),
        runMs: milliseconds.describe('Time of the work. Default 100.'),
        cancelMs: milliseconds.describe('Time from a cancel call to the end. Default 50.'),
        breakEvery: count.describe('Every so many transfers of Cloud Storage break in the middle. Default 0: none.'),
        faults: z.array(
          z.strictObject({
            kind: z.enum(batchFaultKinds),
            jobs: z.array(positive).optional().describe('Ordinals of the create calls it strikes. Default all.'),
            share: share.optional().describe('Share of the lines it strikes. Default 0.1.'),
          }),
        ),
      })
      .partial()
      .default({})
      .describe('How batch jobs run, and what they do wrong.'),
    bigQuery: z
      .strictObject({
        jobMs: milliseconds.describe('Time from the insertion of a job to its end. Default 0.'),
        pageRows: positive.describe('Most rows of a page. Default 10000.'),
        faults: z.array(
          z.strictObject({
            kind: z.enum(bigQueryFaultKinds),
            times: z.array(positive).optional().describe('Ordinals of the calls or jobs it strikes. Default 1.'),
          }),
        ),
      })
      .partial()
      .default({})
      .describe('How BigQuery is slow or fails.'),
    parallelToolCalls: positive.default(1).describe('Most functions that one generated answer calls.'),
    cachedTokens: share.optional().describe('Share of each prompt that is reported as cached.'),
    keepRequests: count.default(1000).describe('How many requests are remembered.'),
    maxBodyBytes: positive.default(32 * 1024 * 1024).describe('Largest request body; above it the answer is 413.'),
    maxStallMs: milliseconds.default(600_000).describe('How long a stall lasts at most.'),
    dripMs: milliseconds.default(50).describe('Pause between the pieces of a slow-drip answer.'),
    eventDelayMs: milliseconds.default(0).describe('Pause between the events of a stream.'),
  })
  .meta({
    title: 'Scenario of the gleaner emulator',
    description: 'Everything is optional; what is left out has its default.',
  });
