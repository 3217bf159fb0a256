import { PNG } from '../answers/png.ts';
import type { AnswerDraft } from './answer.ts';
import type { ChatCall } from './chat-call.ts';
import type { ScriptedFault, ScriptStep } from './fault-plan.ts';
import { countTokens } from './token-count.ts';
import { planToolCalls, toolCallMessage } from './tools.ts';

/** What an image costs by default on Gemini 3, as its model page lists it; used for any kind of media. */
export const TOKENS_PER_MEDIA_PART = 1120;

/** A message without content, where script or request lead to one: tool calls or a picture. */
export function specialMessage(
  call: ChatCall,
  scripted: Exclude<ScriptStep, ScriptedFault> | undefined,
  { seed, parallelToolCalls }: { seed: number; parallelToolCalls: number },
): AnswerDraft['special'] {
  if (scripted !== undefined && 'content' in scripted) return undefined;
  if (scripted === undefined && call.isImage) return imageMessage(seed);
  if (scripted === undefined && !call.toolUse.isCalling) return undefined;
  const planned =
    scripted === undefined
      ? planToolCalls(call.toolUse, call.recordText, seed, parallelToolCalls)
      : scripted.toolCalls.map(({ name, arguments: value = {} }) => ({
          name,
          arguments: typeof value === 'string' ? value : JSON.stringify(value),
        }));
  const calls = toolCallMessage(planned, seed, call.rules.wantsSignatures);
  const tokens = countTokens(JSON.stringify(planned));
  return { message: { role: 'assistant', tool_calls: calls }, tokens, finishReason: 'tool_calls' };
}

function imageMessage(seed: number): AnswerDraft['special'] {
  const signature = Buffer.from(`signature ${seed}`).toString('base64');
  const audio = { data: PNG, extra_content: { google: { mime_type: 'image/png' } } };
  const extra_content = { google: { thought_signature: signature } };
  const message = { audio, content: null, extra_content, role: 'assistant' };
  return { message, tokens: TOKENS_PER_MEDIA_PART, finishReason: 'stop' };
}
