import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { readExtra } from './extra-content.ts';
import type { ModelRules } from './models.ts';
import { checkToolHistory } from './tools.ts';

/** What the messages of a request hold. */
export interface Conversation {
  /** Roles and texts of all messages: what makes two prompts the same. */
  promptText: string;
  /** The text to take values from: the user's message. */
  recordText: string;
  /** Pictures and sounds in the prompt. */
  mediaParts: number;
  /** What the system and the developer say. */
  instructions: string;
  /** Of the last message that is no instruction. */
  lastRole: string;
}

/** Checks messages as the service does, and finds the record among them. */
export function readMessages(messages: JsonValue | undefined, rules: ModelRules): Conversation | { problem: string } {
  if (!Array.isArray(messages)) return { problem: "Invalid value at 'messages': expected a list of messages." };
  let promptText = '';
  let instructions = '';
  let mediaParts = 0;
  let lastRole = '';
  const details = new Set<JsonValue>();
  const userTexts: string[] = [];
  for (const [index, message] of (messages as readonly JsonValue[]).entries()) {
    const role = isJsonObject(message) ? message['role'] : undefined;
    if (!isJsonObject(message) || typeof role !== 'string' || !ROLES.has(role)) {
      return { problem: `Invalid value at 'messages[${index}].role': expected one of ${[...ROLES].join(', ')}.` };
    }
    const path = `messages[${index}]`;
    const extra = readExtra(message, path);
    if (typeof extra === 'string') return { problem: extra };
    const content = readContent(message['content'], role, path, details);
    if (typeof content === 'string') return { problem: content };
    promptText += `${role}\n${content.text}\n`;
    mediaParts += content.mediaParts + extra.fileParts;
    if (role === 'user' && !extra.isThought) userTexts.push(content.text);
    if (role === 'system' || role === 'developer') instructions += `${content.text}\n`;
    else lastRole = role;
  }
  if (lastRole === '') {
    return {
      problem:
        'Unable to submit request because at least one contents field is required. Learn more: ' +
        'https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/gemini',
    };
  }
  if (details.size > 1 && !rules.acceptsMixedDetail) {
    return { problem: 'Unable to submit request because all images must have the same detail for this model.' };
  }
  const problem = checkToolHistory(messages, rules);
  if (problem !== undefined) return { problem };
  return { promptText, recordText: chooseRecordText(userTexts), instructions, mediaParts, lastRole };
}

const ROLES: ReadonlySet<string> = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function']);

/** @returns a message where the content is malformed */
function readContent(
  content: JsonValue | undefined,
  role: string,
  path: string,
  details: Set<JsonValue>,
): { text: string; mediaParts: number } | string {
  if (typeof content === 'string') return { text: content, mediaParts: 0 };
  // An assistant's turn may hold tool calls only.
  if ((content === undefined || content === null) && role === 'assistant') return { text: '', mediaParts: 0 };
  if (!Array.isArray(content) || content.length === 0) {
    return `Invalid value at '${path}.content': expected a string or a list of content parts.`;
  }
  const texts: string[] = [];
  let mediaParts = 0;
  for (const [index, part] of (content as readonly JsonValue[]).entries()) {
    const partPath = `${path}.content[${index}]`;
    if (!isJsonObject(part)) return `Invalid value at '${partPath}': expected a content part.`;
    const extra = readExtra(part, partPath);
    if (typeof extra === 'string') return extra;
    if (part['type'] === 'text' && typeof part['text'] === 'string') {
      if (!extra.isThought) texts.push(part['text']);
      continue;
    }
    const problem = mediaProblem(part, details);
    if (problem !== undefined) return `Invalid value at '${partPath}': ${problem}.`;
    mediaParts += 1;
  }
  return { text: texts.join('\n'), mediaParts };
}

/** What is wrong with a part that is no text; notes the `detail` of an image. */
function mediaProblem(part: JsonObject, details: Set<JsonValue>): string | undefined {
  switch (part['type']) {
    case 'image_url': {
      const image = part['image_url'];
      const url = isJsonObject(image) ? image['url'] : image;
      if (typeof url !== 'string' || !MEDIA_URL.test(url)) {
        return 'expected image_url to be a gs://, https: or data: URL, or an object with such a url';
      }
      if (isJsonObject(image) && image['detail'] !== undefined) details.add(image['detail']);
      return undefined;
    }
    case 'input_audio': {
      const audio = part['input_audio'];
      if (!isJsonObject(audio) || typeof audio['data'] !== 'string' || typeof audio['format'] !== 'string') {
        return 'expected input_audio to have data and format';
      }
      return undefined;
    }
    default:
      return 'expected a part of type text, image_url or input_audio';
  }
}

/** The kinds of URLs that are documented, of which `data:` must be in Base64. */
const MEDIA_URL = /^(?:gs:\/\/[^/]|https?:\/\/[^/]|data:[^,]*;base64,)/i;

/**
 * The record stands in the last user message (earlier ones are examples), unless that one asks for a correction of an
 * answer, as a re-ask does; then it stands before.
 */
function chooseRecordText(userTexts: readonly string[]): string {
  for (let index = userTexts.length - 1; index > 0; index--) {
    const text = userTexts[index];
    if (text !== undefined && !CORRECTION.test(`${text.slice(0, 500)}\n${text.slice(-200)}`)) return text;
  }
  return userTexts[0] ?? '';
}

const CORRECTION =
  /\b(?:invalid|not valid|validation|(?:does|did) not (?:match|conform|pass|fit)|not conform|previous (?:answer|response|reply)|(?:try|answer) again|cannot be used|correct(?:ed|ing)? (?:the |your )?(?:json|answer|response))\b/i;
