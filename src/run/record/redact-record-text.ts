import type { ChatMessage } from '../../completion/request.ts';

/** Shorter matches are ordinary words. */
const WINDOW = 12;

/**
 * A service's message without what it repeats of the record. The text of an error goes into logs, usage.json and run.json,
 * where records do not belong; rejects.jsonl has it in full.
 */
export function redactRecordText(message: string, messages: readonly ChatMessage[]): string {
  const texts = messages.filter(({ role }) => role !== 'system').flatMap(textsOf);
  const isEchoed = new Uint8Array(message.length);
  for (let start = 0; start + WINDOW <= message.length; start += 1) {
    const window = message.slice(start, start + WINDOW);
    if (texts.some((text) => text.includes(window))) isEchoed.fill(1, start, start + WINDOW);
  }
  let safeMessage = '';
  for (let index = 0; index < message.length; index += 1) {
    if (isEchoed[index] === 0) safeMessage += message[index];
    else if (index === 0 || isEchoed[index - 1] === 0) safeMessage += '[…]';
  }
  return safeMessage;
}

/** A text also as it stands inside JSON, where line ends and quotes are escaped. */
function textsOf({ content }: ChatMessage): string[] {
  const parts = typeof content === 'string' ? [content] : (content ?? []).map((part) => JSON.stringify(part));
  return parts.flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]);
}
