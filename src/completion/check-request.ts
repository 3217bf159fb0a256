import type { ModelRules } from '../models/model.ts';
import { rulesOf } from '../models/registry.ts';
import type { ChatMessage, ChatRequest } from './request.ts';

/** What a model will make of a request: `refusal` means an error from the service, `warning` that something has no effect. */
export interface RequestProblem {
  severity: 'error' | 'warning';
  /** Where it stands in the request, such as `extra_body.google.thinking_config`. */
  parameter: string;
  message: string;
}

const none: readonly RequestProblem[] = Object.freeze([]);

/** Says what is known to be wrong with a request for its model. Of models that are not known nothing is said. */
export function checkRequest(request: ChatRequest): readonly RequestProblem[] {
  const { model } = request;
  // Others than Google's own models leave the rules to their containers.
  if (model === undefined || !model.startsWith('google/')) return none;
  return [...checkThinking(request), ...checkLogprobs(request, model), ...checkRules(request, rulesOf(model), model)];
}

/** What the Chat Completions layer says of all of Google's models. */
function checkThinking({ reasoning_effort: effort, extra_body: extra }: ChatRequest): RequestProblem[] {
  const { thinking_config: thinking, thought_tag_marker: marker } = extra?.google ?? {};
  const problems: RequestProblem[] = [];
  if (thinking === undefined) return problems;
  if (effort !== undefined) {
    problems.push(refusal('reasoning_effort', 'reasoning_effort and thinking_config exclude each other; keep one'));
  }
  if (thinking.include_thoughts === true && !marker) {
    problems.push(
      warning(
        'extra_body.google.thinking_config.include_thoughts',
        'the thoughts will come unmarked inside the answer; set thought_tag_marker to tell them apart',
      ),
    );
  }
  return problems;
}

function checkLogprobs({ logprobs }: ChatRequest, model: string): RequestProblem[] {
  if (logprobs !== true) return [];
  return [warning('logprobs', `${model} gives no log probabilities by Chat Completions and ignores logprobs`)];
}

function checkRules(request: ChatRequest, rules: ModelRules, model: string): RequestProblem[] {
  const { messages, n = 1, reasoning_effort: effort } = request;
  const thinking = request.extra_body?.google.thinking_config;
  const problems: RequestProblem[] = [];
  if (rules.maxCandidates !== undefined && n > rules.maxCandidates) {
    problems.push(refusal('n', `${model} gives at most ${rules.maxCandidates} answers a request, got n = ${n}`));
  }
  if (rules.takesPenalties === false) {
    for (const penalty of ['frequency_penalty', 'presence_penalty'] as const) {
      if (request[penalty] !== undefined) problems.push(refusal(penalty, `${model} takes no ${penalty}; leave it out`));
    }
  }
  for (const ignored of rules.ignores ?? []) {
    if (request[ignored] !== undefined) problems.push(warning(ignored, `${model} ignores ${ignored}`));
  }
  problems.push(
    ...checkLevel(rules, model, 'extra_body.google.thinking_config.thinking_level', thinking?.thinking_level),
  );
  // "none" is no level but a budget of 0.
  if (effort !== 'none') problems.push(...checkLevel(rules, model, 'reasoning_effort', effort));
  problems.push(...checkBudget(rules, model, thinking?.thinking_budget));
  problems.push(...checkDetails(rules, model, messages), ...checkTurns(rules, model, messages));
  return problems;
}

function checkLevel(rules: ModelRules, model: string, parameter: string, level: string | undefined): RequestProblem[] {
  const { thinkingLevels: levels } = rules;
  if (levels === undefined || level === undefined || levels.includes(String(level).toLowerCase())) return [];
  return [refusal(parameter, `${model} thinks at level ${levels.join(', ')}, got ${JSON.stringify(level)}`)];
}

function checkBudget(rules: ModelRules, model: string, budget: number | undefined): RequestProblem[] {
  const parameter = 'extra_body.google.thinking_config.thinking_budget';
  if (budget === undefined) return [];
  if (rules.thinkingBudget === false) {
    return [refusal(parameter, `${model} takes no thinking_budget; give a thinking_level`)];
  }
  const { thinkingBudget: range } = rules;
  if (range === undefined || budget === -1 || (budget === 0 && range.canBeOff)) return [];
  if (budget >= range.minimum && budget <= range.maximum) return [];
  const off = range.canBeOff ? '0 or ' : '';
  return [
    refusal(parameter, `${model} takes a thinking_budget of ${off}${range.minimum} to ${range.maximum}, got ${budget}`),
  ];
}

function checkDetails(rules: ModelRules, model: string, messages: readonly ChatMessage[]): RequestProblem[] {
  if (rules.takesMixedDetail !== false) return [];
  const details = new Set(messages.flatMap(detailsOf));
  if (details.size < 2) return [];
  return [refusal('messages', `${model} takes one detail for all images of a request, got ${[...details].join(', ')}`)];
}

function detailsOf({ content }: ChatMessage): string[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap((part) => {
    if (part.type !== 'image_url' || typeof part.image_url === 'string') return [];
    const { detail } = part.image_url;
    return detail === undefined ? [] : [detail];
  });
}

function checkTurns(rules: ModelRules, model: string, messages: readonly ChatMessage[]): RequestProblem[] {
  const problems: RequestProblem[] = [];
  if (rules.takesPrefill === false && messages.at(-1)?.role === 'assistant') {
    problems.push(refusal('messages', `${model} takes no conversation that ends with an assistant message`));
  }
  if (rules.wantsSignatures !== true && rules.takesTextBesideCalls !== false) return problems;
  // Earlier turns are not looked at by the service either.
  const turn = messages.findLastIndex(({ role }) => role === 'user') + 1;
  for (const [index, message] of messages.entries()) {
    if (message.role !== 'assistant') continue;
    const [call] = message.tool_calls ?? [];
    if (call === undefined) continue;
    if (rules.wantsSignatures === true && index >= turn && !call.extra_content?.google.thought_signature) {
      problems.push(
        refusal(
          `messages[${index}].tool_calls[0]`,
          `${model} wants the thought signature of a tool call back; repeat its extra_content`,
        ),
      );
    }
    if (rules.takesTextBesideCalls === false && message.content) {
      problems.push(
        refusal(`messages[${index}].content`, `${model} takes no text beside tool calls in an assistant message`),
      );
    }
  }
  return problems;
}

function refusal(parameter: string, message: string): RequestProblem {
  return { severity: 'error', parameter, message };
}

function warning(parameter: string, message: string): RequestProblem {
  return { severity: 'warning', parameter, message };
}
