import { GleanerError } from '../gleaner-error.ts';
import { THINKING_LEVELS } from '../models/model.ts';
import { kindOfValue, refuseUnknownKeys } from './option-checks.ts';

const SETTING_NAMES = [
  'temperature',
  'topP',
  'maxTokens',
  'seed',
  'logprobs',
  'stop',
  'modalities',
  'safetySettings',
  'cachedContent',
  'mediaResolution',
  'labels',
  'thinking',
  'reasoningEffort',
  'responseFormat',
  'extraBody',
  'thoughtTag',
] as const;
const RESPONSE_FORMATS = ['json_schema', 'json_object', 'prompt'];
/** Gleaner writes these itself; Google's options, in `extra_body`, have settings of their own. */
const OWN_MEMBERS = ['model', 'messages', 'stream', 'extra_body'];
const REASONING_EFFORTS = ['none', 'minimal', 'low', 'medium', 'high'];

/** @throws {GleanerError} for settings that are unknown, out of range, or exclude each other */
export function checkRequestSettings(subject: string, settings: unknown): void {
  const fail = (setting: string, right: string, value: unknown): never => {
    const got = typeof value === 'number' || typeof value === 'string' ? JSON.stringify(value) : kindOfValue(value);
    throw new GleanerError(
      'definition-invalid',
      `Cannot define ${subject}: "request${setting}" must be ${right}, got ${got}`,
    );
  };
  if (!isObject(settings)) return fail('', `an object with some of ${SETTING_NAMES.join(', ')}`, settings);
  refuseUnknownKeys(subject, settings, SETTING_NAMES, 'request.');
  const { temperature, topP, maxTokens, seed, logprobs, stop, thinking, reasoningEffort } = settings;

  if (temperature !== undefined && !isWithin(temperature, 0, 2)) fail('.temperature', 'from 0 to 2', temperature);
  if (topP !== undefined && !isWithin(topP, 0, 1)) fail('.topP', 'from 0 to 1', topP);
  if (maxTokens !== undefined && !isWhole(maxTokens, 1)) fail('.maxTokens', 'a whole number of at least 1', maxTokens);
  if (seed !== undefined && !isWhole(seed, -(2 ** 31), 2 ** 31 - 1)) fail('.seed', 'a whole number of 32 bits', seed);
  if (logprobs !== undefined && typeof logprobs !== 'boolean') fail('.logprobs', 'true or false', logprobs);
  if (stop !== undefined) {
    const isList =
      Array.isArray(stop) && stop.length > 0 && stop.every((text) => typeof text === 'string' && text !== '');
    if (!isList) fail('.stop', 'a list of texts that are not empty', stop);
  }
  const { modalities, safetySettings, cachedContent, mediaResolution, labels } = settings;
  if (modalities !== undefined) {
    const isList =
      Array.isArray(modalities) &&
      modalities.length > 0 &&
      modalities.every((one) => one === 'text' || one === 'image');
    if (!isList) fail('.modalities', 'a list of "text" and "image"', modalities);
  }
  if (safetySettings !== undefined) {
    const isList =
      Array.isArray(safetySettings) &&
      safetySettings.every(
        (one: unknown) => isObject(one) && typeof one['category'] === 'string' && typeof one['threshold'] === 'string',
      );
    if (!isList) fail('.safetySettings', 'a list of { category, threshold }', safetySettings);
  }
  for (const [name, value] of Object.entries({ cachedContent, mediaResolution })) {
    if (value !== undefined && (typeof value !== 'string' || value === '')) fail(`.${name}`, 'text', value);
  }
  if (
    labels !== undefined &&
    !(isObject(labels) && Object.values(labels).every((value) => typeof value === 'string'))
  ) {
    fail('.labels', 'an object of texts', labels);
  }
  if (reasoningEffort !== undefined && !REASONING_EFFORTS.includes(String(reasoningEffort))) {
    fail('.reasoningEffort', `one of ${REASONING_EFFORTS.join(', ')}`, reasoningEffort);
  }
  checkServerSettings(settings, fail);
  if (thinking === undefined) return;
  if (reasoningEffort !== undefined) {
    throw new GleanerError(
      'definition-invalid',
      `Cannot define ${subject}: "request.thinking" and "request.reasoningEffort" exclude each other; keep one`,
    );
  }
  if (!isObject(thinking)) return fail('.thinking', '{ budget: tokens } or { level: "low" }', thinking);
  refuseUnknownKeys(subject, thinking, ['budget', 'level', 'includeThoughts'], 'request.thinking.');
  const { budget, level, includeThoughts } = thinking;
  if (includeThoughts !== undefined && typeof includeThoughts !== 'boolean') {
    fail('.thinking.includeThoughts', 'true or false', includeThoughts);
  }
  if ((budget === undefined) === (level === undefined)) {
    throw new GleanerError(
      'definition-invalid',
      `Cannot define ${subject}: "request.thinking" must have either "budget" or "level"`,
    );
  }
  // -1 leaves the budget to the model.
  if (budget !== undefined && !isWhole(budget, -1)) fail('.thinking.budget', 'a whole number of tokens', budget);
  if (level !== undefined && !THINKING_LEVELS.includes(String(level))) {
    fail('.thinking.level', `one of ${THINKING_LEVELS.join(', ')}`, level);
  }
}

/** What servers other than Google's need. */
function checkServerSettings(
  { responseFormat, extraBody, thoughtTag }: Record<string, unknown>,
  fail: (setting: string, right: string, value: unknown) => never,
): void {
  if (responseFormat !== undefined && !RESPONSE_FORMATS.includes(String(responseFormat))) {
    fail('.responseFormat', `one of ${RESPONSE_FORMATS.join(', ')}`, responseFormat);
  }
  if (extraBody !== undefined) {
    if (!isObject(extraBody) || !isJson(extraBody)) return fail('.extraBody', 'an object of JSON values', extraBody);
    const own = OWN_MEMBERS.find((name) => name in extraBody);
    if (own !== undefined) fail(`.extraBody.${own}`, 'left out, as gleaner sets it itself', extraBody[own]);
  }
  if (thoughtTag !== undefined && !(typeof thoughtTag === 'string' && /^[A-Za-z][\w:.-]{0,63}$/.test(thoughtTag))) {
    fail('.thoughtTag', 'the name of a tag without its brackets, such as "think"', thoughtTag);
  }
}

function isJson(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isJson);
  if (isObject(value)) return isPlain(value) && Object.values(value).every(isJson);
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // A definition's objects may come from another realm.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWithin(value: unknown, low: number, high: number): boolean {
  return typeof value === 'number' && value >= low && value <= high;
}

function isWhole(value: unknown, low: number, high = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isInteger(value) && isWithin(value, low, high);
}
