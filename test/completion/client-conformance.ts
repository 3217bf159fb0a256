import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { ApiError, type ApiErrorKind } from '../../src/completion/api-error.ts';
import type { CompletionClient, CompletionStream, StreamingClient } from '../../src/completion/client.ts';
import type { ChatRequest } from '../../src/completion/request.ts';

/**
 * What a service does with the next call: answers with a text, fails with a status, breaks the connection, says nothing at all, or begins an
 * answer that it does not end.
 */
export type ServiceTurn = { content: string } | { status: number } | 'reset' | 'silence' | 'half';

/** Every answer of a subject reports this. */
export const TURN_USAGE = { prompt: 27, completion: 45, total: 72 };

export interface ClientSubject {
  client: CompletionClient | StreamingClient;
  /** Calls that have reached the service. */
  calls(): number;
  close(): Promise<void>;
}

const CANARY = 'canary-4711';

const request: ChatRequest = {
  model: 'google/gemini-3.5-flash-lite',
  messages: [{ role: 'user', content: `Say something of ${CANARY}.` }],
};

/** What the run makes of an error: whether it asks again, and whether it counts the call as billed. */
const FAILURES: readonly { turn: ServiceTurn; kind: ApiErrorKind; isRetryable: boolean; mayBeBilled: boolean }[] = [
  { turn: { status: 400 }, kind: 'status', isRetryable: false, mayBeBilled: false },
  { turn: { status: 401 }, kind: 'status', isRetryable: false, mayBeBilled: false },
  { turn: { status: 403 }, kind: 'status', isRetryable: false, mayBeBilled: false },
  { turn: { status: 404 }, kind: 'status', isRetryable: false, mayBeBilled: false },
  { turn: { status: 408 }, kind: 'status', isRetryable: true, mayBeBilled: false },
  { turn: { status: 429 }, kind: 'status', isRetryable: true, mayBeBilled: false },
  { turn: { status: 500 }, kind: 'status', isRetryable: true, mayBeBilled: false },
  { turn: { status: 503 }, kind: 'status', isRetryable: true, mayBeBilled: false },
  { turn: 'reset', kind: 'network', isRetryable: true, mayBeBilled: true },
];

function nameOf(turn: ServiceTurn): string {
  if (typeof turn === 'string') return turn;
  return 'status' in turn ? `status ${turn.status}` : 'an answer';
}

/**
 * What every client must do; the ledger, the budget and the retries rest on it. `open` gives a client whose service takes the turns one
 * after another, and answers with the last of them from then on.
 */
export function describeClient(name: string, open: (turns: readonly ServiceTurn[]) => Promise<ClientSubject>): void {
  let opened: ClientSubject[] = [];
  afterEach(async () => {
    for (const subject of opened) await subject.close();
    opened = [];
  });

  async function having(...turns: ServiceTurn[]): Promise<ClientSubject> {
    const subject = await open(turns);
    opened.push(subject);
    return subject;
  }

  async function streaming(...turns: ServiceTurn[]): Promise<ClientSubject & { client: StreamingClient }> {
    const subject = await having(...turns);
    if (!('stream' in subject.client)) throw new TypeError(`${name} does not stream`);
    return subject as ClientSubject & { client: StreamingClient };
  }

  /** Waits until the call has reached the service. */
  async function arrival({ calls }: ClientSubject, count = 1): Promise<void> {
    for (let left = 500; calls() < count; left -= 1) {
      if (left === 0) throw new Error('The call did not reach the service');
      await delay(5);
    }
  }

  describe(`${name} is a client`, () => {
    test('gives the answer with what the service reports of it', async () => {
      const { client } = await having({ content: '{"total":12.5}' });
      const completion = await client.complete(request);
      expect(completion).toMatchObject({ content: '{"total":12.5}', finishReason: 'stop', toolCalls: [], media: [] });
      expect(completion.usage).toMatchObject(TURN_USAGE);
      expect(completion.raw).toEqual(expect.objectContaining({ choices: expect.any(Array) as unknown }));
    });

    test('makes one call of each, whatever becomes of it: no retry inside', async () => {
      const turns = [...FAILURES.map(({ turn }) => turn), { content: 'x' }];
      const subject = await having(...turns);
      for (const [at] of turns.entries()) {
        await subject.client.complete(request).catch(() => undefined);
        expect(subject.calls()).toBe(at + 1);
      }
      expect((await subject.client.complete(request)).content).toBe('x');
    });

    test('keeps calls that are made at once apart', async () => {
      const contents = Array.from({ length: 12 }, (_, at) => `answer ${at}`);
      const subject = await having(...contents.map((content) => ({ content })));
      const completions = await Promise.all(contents.map(() => subject.client.complete(request)));
      expect(completions.map(({ content }) => content).toSorted()).toEqual(contents.toSorted());
      expect(subject.calls()).toBe(contents.length);
    });

    for (const { turn, ...facts } of FAILURES) {
      test(`tells of ${nameOf(turn)} as what it is, and nothing of the request`, async () => {
        const { client } = await having(turn);
        const error = await client.complete(request).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(ApiError);
        expect(error).toMatchObject(facts);
        if (typeof turn === 'object' && 'status' in turn) expect((error as ApiError).status).toBe(turn.status);
        expect((error as ApiError).message).toMatch(/\S/);
        expect((error as ApiError).message).not.toContain(CANARY);
      });
    }

    test('calls nobody with a signal that has aborted', async () => {
      const subject = await having({ content: 'x' });
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(subject.client.complete(request, { signal })).rejects.toBe(signal.reason);
      expect(subject.calls()).toBe(0);
    });

    test('gives a call up with the reason of its signal, and only that call', async () => {
      const subject = await having('silence', { content: 'x' });
      const aborting = new AbortController();
      const call = subject.client.complete(request, { signal: aborting.signal });
      const end = call.catch((error: unknown) => error);
      await arrival(subject);
      const other = subject.client.complete(request);
      const reason = new Error('enough');
      aborting.abort(reason);
      expect(await end).toBe(reason);
      expect((await other).content).toBe('x');
      expect((await subject.client.complete(request)).content).toBe('x');
    });

    test('says whose answers these are, and stays with that', async () => {
      const { client } = await having({ content: 'x' }, { status: 500 }, { content: 'y' });
      await client.identify?.();
      const { service } = client;
      expect(service?.name ?? 'unnamed').toMatch(/\S/);
      for (let call = 0; call < 3; call += 1) await client.complete(request).catch(() => undefined);
      expect(client.service).toEqual(service);
    });

    test('looks for what it needs without a call that counts', async () => {
      const subject = await having({ content: 'x' });
      await subject.client.identify?.();
      await subject.client.prepare?.();
      expect(subject.calls()).toBe(0);
      const signal = AbortSignal.abort(new Error('enough'));
      for (const look of [subject.client.identify, subject.client.prepare]) {
        // What is known already needs no looking for.
        const end = await look?.call(subject.client, { signal }).catch((error: unknown) => error);
        expect([undefined, signal.reason]).toContain(end);
      }
    });
  });

  describe(`${name} streams`, () => {
    test('what it would give whole, piece by piece', async () => {
      const content = '{"company":"Grüße 🧾","total":12.5}';
      const whole = await (await streaming({ content })).client.complete(request);
      const { client, calls } = await streaming({ content });
      const stream = client.stream(request);
      let text = '';
      for await (const delta of stream) if (delta.type === 'text-delta') text += delta.text;
      expect(text).toBe(content);
      const { content: assembled, usage, finishReason, model } = await stream.completion;
      expect({ content: assembled, usage, finishReason, model }).toEqual({
        content: whole.content,
        usage: whole.usage,
        finishReason: whole.finishReason,
        model: whole.model,
      });
      expect(calls()).toBe(1);
    });

    test('at once, and whole to who does not read along', async () => {
      const subject = await streaming({ content: 'x' });
      const stream = subject.client.stream(request);
      await arrival(subject);
      expect((await stream.completion).content).toBe('x');
      expect(stream.partial()?.content).toBe('x');
      expect(subject.calls()).toBe(1);
    });

    for (const { turn, ...facts } of FAILURES) {
      test(`and fails with ${nameOf(turn)} as a whole answer does`, async () => {
        const { client, calls } = await streaming(turn);
        const stream = client.stream(request);
        const assembling = stream.completion.catch((error: unknown) => error);
        const read = await failureOf(stream);
        expect(read).toBeInstanceOf(ApiError);
        expect(read).toMatchObject(facts);
        expect(await assembling).toBe(read);
        expect(calls()).toBe(1);
      });
    }

    test('until its signal aborts, with that reason', async () => {
      const subject = await streaming('silence', { content: 'x' });
      const aborting = new AbortController();
      const stream = subject.client.stream(request, { signal: aborting.signal });
      stream.completion.catch(() => undefined);
      const end = failureOf(stream);
      await arrival(subject);
      const reason = new Error('enough');
      aborting.abort(reason);
      expect(await end).toBe(reason);
      await expect(stream.completion).rejects.toBe(reason);

      const late = subject.client.stream(request, { signal: aborting.signal });
      late.completion.catch(() => undefined);
      expect(await failureOf(late)).toBe(reason);
      expect(subject.calls()).toBe(1);
    });

    test('no further than to where it is left', async () => {
      const subject = await streaming('half', { content: 'a long answer' });
      const stream = subject.client.stream(request);
      const assembled = stream.completion.catch((error: unknown) => error);
      for await (const delta of stream) if (delta.type === 'text-delta') break;
      expect(await assembled).toBeInstanceOf(Error);
      expect(stream.partial()?.content).toMatch(/./);
      expect((await subject.client.complete(request)).content).toBe('a long answer');
    });
  });
}

async function failureOf(stream: CompletionStream): Promise<unknown> {
  try {
    for await (const _ of stream);
  } catch (error) {
    return error;
  }
  return undefined;
}
