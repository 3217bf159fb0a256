import type { CompletionStream, StreamingClient } from '../../src/completion/client.ts';
import type { CompletionDelta } from '../../src/completion/delta.ts';
import type { ChatRequest } from '../../src/completion/request.ts';
import type { Completion } from '../../src/completion/response.ts';
import { completion } from '../run/record/scripted-run.ts';

/** What becomes of a call: an answer, a failure, nothing until the call is given up, or, of a stream, the beginning of an answer and then nothing. */
export type ScriptedTurn = Completion | Error | 'silence' | 'half';

export interface ScriptedClient extends StreamingClient {
  /** All requests that were sent, oldest first. */
  readonly requests: ChatRequest[];
}

/** A client without a service: it takes the turns one after another, and the last of them from then on. */
export function scriptClient(turns: readonly ScriptedTurn[]): ScriptedClient {
  const requests: ChatRequest[] = [];

  function take(request: ChatRequest): ScriptedTurn {
    const turn = turns[Math.min(requests.length, turns.length - 1)];
    requests.push(request);
    if (turn === undefined) throw new RangeError('There is no turn for the call');
    return turn;
  }

  async function answer(turn: ScriptedTurn, signal: AbortSignal | undefined): Promise<Completion> {
    // A service answers later than it is asked.
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    if (turn instanceof Error) throw turn;
    if (turn !== 'silence' && turn !== 'half') return turn;
    return new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  }

  return {
    service: { name: 'scripted', isEmulated: false },
    requests,
    async complete(request, { signal } = {}) {
      signal?.throwIfAborted();
      return answer(take(request), signal);
    },
    stream(request, { signal } = {}) {
      if (signal?.aborted === true) return streamOf(Promise.reject(signal.reason as Error));
      const turn = take(request);
      return streamOf(answer(turn, signal), turn === 'half' ? BEGINNING : undefined);
    },
  };
}

const BEGINNING = completion({ content: '{', finishReason: undefined, usage: undefined });

function streamOf(answered: Promise<Completion>, beginning?: Completion): CompletionStream {
  let arrived = beginning;
  let leave: (error: Error) => void = () => undefined;
  const left = new Promise<never>((_resolve, reject) => (leave = reject));
  const whole = answered.then((answer) => (arrived = answer));
  const assembled = Promise.race([whole, left]);
  // Whoever iterates meets it there.
  assembled.catch(() => undefined);
  return {
    completion: assembled,
    partial: () => arrived,
    async *[Symbol.asyncIterator]() {
      let isAtEnd = false;
      try {
        if (beginning !== undefined) yield* deltasOf(beginning);
        yield* deltasOf(await whole);
        isAtEnd = true;
      } finally {
        if (!isAtEnd) leave(new Error('The stream was left before its end'));
      }
    },
  };
}

/** The text comes in two pieces, as it may. */
function deltasOf({ content = '', finishReason, usage, trafficType }: Completion): CompletionDelta[] {
  const middle = Math.ceil(content.length / 2);
  const pieces = [content.slice(0, middle), content.slice(middle)].filter((text) => text !== '');
  const deltas: CompletionDelta[] = pieces.map((text) => ({ type: 'text-delta', text }));
  if (finishReason !== undefined) deltas.push({ type: 'finish', reason: finishReason });
  if (usage !== undefined) deltas.push({ type: 'usage', usage, trafficType });
  return deltas;
}
