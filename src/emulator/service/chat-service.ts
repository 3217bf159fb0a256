import type { IncomingHttpHeaders } from 'node:http';
import type { JsonValue } from '../../json/value.ts';
import type { AccessTokens } from './access-tokens.ts';
import { composeAnswer, type AnswerDraft } from './answer.ts';
import { completionBody, completionEvents } from './completion-body.ts';
import { AttemptCounter } from './attempt-counter.ts';
import { readChatCall, type ChatCall } from './chat-call.ts';
import { FaultPlan, type FaultRate, type ScriptStep } from './fault-plan.ts';
import { faultEffect, statusError, type AnswerFault } from './faults.ts';
import { Generator, type AnswerWriter } from '../answers/generator.ts';
import {
  credentialsInvalid,
  credentialsMissing,
  invalidArgument,
  JSON_CONTENT_TYPE,
  permissionDenied,
  resourceExhausted,
  retryInfo,
} from './google-error.ts';
import { ModelRegistry, type ModelRow } from './models.ts';
import { Quota } from './quota.ts';
import { quotaFault, refusal, type Reply } from './reply.ts';
import { specialMessage, TOKENS_PER_MEDIA_PART } from './special-message.ts';
import { fraction, hashText } from '../answers/random.ts';
import type { ChatRoute } from './routes.ts';
import { reasoningTokens, shownThoughts } from './thinking.ts';
import { countTokens } from './token-count.ts';
import { trafficType } from './traffic-type.ts';

export interface ChatServiceOptions {
  seed: number;
  tokens: AccessTokens;
  models: readonly ModelRow[];
  /** Whether models are served that nothing is known of. */
  anyModel: boolean;
  /** Most functions that one generated answer calls. */
  parallelToolCalls: number;
  /** Share of each prompt that is reported as cached; undefined where nothing is said of caches. */
  cachedTokens?: number | undefined;
  requestsPerMinute?: number | undefined;
  tokensPerMinute?: number | undefined;
  faults?: FaultRate | undefined;
  script: readonly ScriptStep[];
  retiredModels: readonly string[];
  /** What a 429 for an exceeded quota says about waiting. */
  quotaHint: 'none' | 'retry-after' | 'retry-info';
  /** How a schema that Gemini refuses is answered: with the documented message, a bare 400, or as if nothing were wrong. */
  schemaGate: 'documented' | 'bare' | 'off';
}

export interface ChatRequestMessage {
  route: ChatRoute;
  headers: IncomingHttpHeaders;
  /** Undefined where the body is no JSON. */
  body: JsonValue | undefined;
}

/** Decides what to answer. Knows no sockets: the same request in the same state always gets the same reply. */
export class ChatService {
  readonly #options: ChatServiceOptions;
  readonly #models: ModelRegistry;
  readonly #plan: FaultPlan;
  readonly #quota: Quota;
  readonly #attempts = new AttemptCounter();
  readonly #generator = new Generator();
  #ordinal = 0;

  constructor(options: ChatServiceOptions) {
    this.#options = options;
    this.#models = new ModelRegistry(options.models, options.retiredModels, options.anyModel);
    this.#plan = new FaultPlan(options.seed, options.script, options.faults);
    this.#quota = new Quota((model) => {
      const { requestsPerMinute, tokensPerMinute } = this.#models.rules(model);
      return {
        requestsPerMinute: requestsPerMinute ?? options.requestsPerMinute,
        tokensPerMinute: tokensPerMinute ?? options.tokensPerMinute,
      };
    });
  }

  /** Forgets every request: attempts, quotas and script start anew. */
  reset(): void {
    this.#ordinal = 0;
    this.#plan.reset();
    this.#quota.reset();
    this.#attempts.reset();
  }

  reply({ route, headers, body }: ChatRequestMessage, now: number): Reply {
    const refused = this.#checkCredentials(headers, route, now);
    if (refused !== undefined) return refused;
    if (body === undefined) {
      return refusal(invalidArgument('Invalid JSON payload received. Expected a value.'), 'array');
    }
    const read = readChatCall(body, route, this.#models);
    if ('error' in read) return refusal(read.error, 'array');
    const { call } = read;
    const writer = this.#generator.writer(call.format);
    const { schemaGate } = this.#options;
    if (writer.refusal !== undefined && schemaGate !== 'off' && call.rules.hasSchemaGate) {
      const message = schemaGate === 'bare' ? 'Request contains an invalid argument.' : writer.refusal;
      return refusal(invalidArgument(message), 'array');
    }
    const promptTokens =
      countTokens(call.promptText) +
      writer.promptTokens +
      call.toolUse.promptTokens +
      call.mediaParts * TOKENS_PER_MEDIA_PART;
    const { maxInputTokens } = call.rules;
    if (promptTokens > maxInputTokens) {
      const message = `The input token count (${promptTokens}) exceeds the maximum number of tokens allowed (${maxInputTokens}).`;
      return refusal(invalidArgument(message), 'array');
    }
    const traffic = trafficType(headers);
    if (!this.#quota.admit(call.model, traffic, promptTokens, now)) return this.#quotaRefusal(traffic);

    this.#ordinal += 1;
    const promptHash = hashText(call.promptText, this.#options.seed);
    const attempt = this.#attempts.next(promptHash);
    const step = this.#plan.choose({ ordinal: this.#ordinal, attempt, promptHash, userText: call.recordText });
    const reply = this.#served(call, {
      writer,
      promptTokens,
      promptHash,
      attempt,
      step,
      now,
      traffic,
    });
    if (reply.usage !== undefined) {
      this.#quota.charge(call.model, traffic, reply.usage.completion + reply.usage.reasoning);
    }
    return reply;
  }

  #checkCredentials(headers: IncomingHttpHeaders, route: ChatRoute, now: number): Reply | undefined {
    const token = bearerToken(headers);
    if (token === undefined) return refusal(credentialsMissing(), 'object');
    const verdict = this.#options.tokens.check(token, route.project, now);
    switch (verdict) {
      case 'valid':
        return undefined;
      case 'expired':
      case 'unknown':
        return refusal(credentialsInvalid(verdict === 'expired'), 'object');
      case 'other-project':
        return refusal(permissionDenied(route.project, route.location, route.endpoint), 'array');
      default:
        return verdict satisfies never;
    }
  }

  #quotaRefusal(traffic: string): Reply {
    const { quotaHint } = this.#options;
    const error = resourceExhausted(quotaHint === 'retry-info' ? [retryInfo(1)] : undefined);
    if (traffic === 'PROVISIONED_THROUGHPUT') {
      error.message = 'Too many requests. Exceeded the Provisioned Throughput.';
    }
    const reply = refusal(error, 'array');
    if (quotaHint === 'retry-after') reply.headers['retry-after'] = '1';
    return reply;
  }

  #served(call: ChatCall, facts: ServingFacts): Reply {
    const { step, attempt, promptHash } = facts;
    const { seed } = this.#options;
    const draw = fraction(seed, promptHash, attempt, 3);
    if (step === undefined || !('fault' in step)) return { ...this.#answer(call, facts, undefined), attempt, draw };
    const effect = faultEffect(step.fault);
    switch (effect.type) {
      case 'error':
        return { ...refusal(statusError(effect.status), effect.form), fault: step.fault, attempt, draw };
      case 'quota':
        return { ...quotaFault(call.model, step.fault, step.retryAfterSeconds ?? 1), fault: step.fault, attempt, draw };
      case 'silence':
        return { ...refusal(statusError(503), 'empty'), wireFault: effect.how, fault: step.fault, attempt, draw };
      case 'delivery':
        return { ...this.#answer(call, facts, undefined), wireFault: effect.how, fault: step.fault, attempt, draw };
      case 'answer':
        return { ...this.#answer(call, facts, effect.how), fault: step.fault, attempt, draw };
      default:
        return effect satisfies never;
    }
  }

  #answer(call: ChatCall, facts: ServingFacts, fault: AnswerFault | undefined): Reply {
    const { seed, cachedTokens, parallelToolCalls } = this.#options;
    const { writer, promptHash, attempt, step, now } = facts;
    const scripted = step !== undefined && !('fault' in step) ? step : undefined;
    const tokens = scripted?.tokens ?? {};
    const promptTokens = tokens.prompt ?? facts.promptTokens;
    const thought = tokens.reasoning ?? reasoningTokens(call.thinking, seed, promptHash, 4);
    const draft: AnswerDraft = {
      id: answerId(hashText(String(attempt), promptHash % 4294967296), promptHash),
      created: Math.floor(now / 1000),
      model: call.model,
      trafficType: facts.traffic,
      content:
        scripted !== undefined && 'content' in scripted
          ? scripted.content
          : writer.content(call.recordText, promptHash),
      thoughts: shownThoughts(call.thinking, thought),
      special: specialMessage(call, scripted, { seed: promptHash, parallelToolCalls }),
      finishReason: (scripted !== undefined && 'content' in scripted ? scripted.finishReason : undefined) ?? 'stop',
      count: call.count,
      promptTokens,
      cachedTokens: tokens.cached ?? (cachedTokens === undefined ? undefined : Math.floor(promptTokens * cachedTokens)),
      reasoningTokens: thought,
      completionTokens: tokens.completion,
      maxTokens: call.maxTokens,
      hasLogprobs: call.hasLogprobs,
      stop: call.stop,
    };
    const answer = composeAnswer(draft, fault, () => writer.violation(call.recordText, promptHash));
    const events = call.stream ? completionEvents(draft, answer, call) : undefined;
    return {
      status: 200,
      headers: { 'content-type': call.stream ? 'text/event-stream' : JSON_CONTENT_TYPE },
      body: events === undefined ? completionBody(draft, answer) : events.join(''),
      events,
      wireFault: undefined,
      fault: undefined,
      attempt,
      usage: answer.usage,
      reportsUsage: answer.reported !== undefined,
      draw: 0,
    };
  }
}

interface ServingFacts {
  writer: AnswerWriter;
  promptTokens: number;
  promptHash: number;
  attempt: number;
  step: ScriptStep | undefined;
  now: number;
  traffic: string;
}

function bearerToken({ authorization = '' }: IncomingHttpHeaders): string | undefined {
  return /^bearer +(\S+)/i.exec(authorization)?.[1];
}

/** 22 characters of base64url, as the service's ids look; the same for the same prompt and attempt. */
function answerId(...hashes: readonly number[]): string {
  const bytes = Buffer.alloc(16);
  for (const [index, hash] of hashes.entries()) {
    bytes.writeUInt32BE(Math.floor(hash / 4294967296), index * 8);
    bytes.writeUInt32BE(hash >>> 0, index * 8 + 4);
  }
  return bytes.toString('base64url');
}
