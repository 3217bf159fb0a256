import type { ChatRequest } from '../completion/request.ts';

/** The most tokens that one call can be billed. */
export interface CallBound {
  promptTokens: number;
  outputTokens: number;
}

/** The most output tokens of a Gemini model, by Google's model pages; counted where a request sets no cap. */
const MODEL_OUTPUT_LIMIT = 65_536;
/** The most prompt tokens of a Gemini model, by the same pages; counted where media make the prompt's size unknown. */
const MODEL_PROMPT_LIMIT = 1_048_576;

/**
 * No text has more tokens than bytes, and the request's JSON holds all of the text and the schema. Thinking counts against
 * the cap of the answer. Media that a prompt only refers to can be of any size.
 */
export function boundOf(request: ChatRequest): CallBound {
  return {
    promptTokens: refersToMedia(request) ? MODEL_PROMPT_LIMIT : Buffer.byteLength(JSON.stringify(request)),
    outputTokens: request.max_tokens ?? MODEL_OUTPUT_LIMIT,
  };
}

function refersToMedia({ messages }: ChatRequest): boolean {
  return messages.some(
    ({ content, extra_content: extra }) =>
      extra?.google.parts !== undefined ||
      (Array.isArray(content) && content.some((part: { type: string }) => part.type !== 'text')),
  );
}
