import { ApiError } from '../../src/completion/api-error.ts';
import { startEmulator, type FaultKind, type ScriptStep } from '../../src/emulator/index.ts';
import { createVertexClient } from '../../src/vertex/client.ts';
import { completion } from '../run/record/scripted-run.ts';
import { answer, completion as body, startLocalServer } from '../vertex/local-server.ts';
import { describeClient, TURN_USAGE, type ServiceTurn } from './client-conformance.ts';
import { scriptClient, type ScriptedTurn } from './scripted-client.ts';
import { chunk, events } from './streams.ts';

describeClient('the client of the tests', async (turns) => {
  const client = scriptClient(turns.map(scripted));
  return { client, calls: () => client.requests.length, close: () => Promise.resolve() };
});

function scripted(turn: ServiceTurn): ScriptedTurn {
  if (turn === 'silence' || turn === 'half') return turn;
  if (turn === 'reset') return new ApiError('The connection was reset', { kind: 'network', code: 'ECONNRESET' });
  if ('status' in turn) return new ApiError(`Status ${turn.status}`, { kind: 'status', status: turn.status });
  return completion({ content: turn.content, usage: { cached: 0, reasoning: 0, ...TURN_USAGE } });
}

describeClient('the client of Vertex AI, over a socket', async (turns) => {
  let taken = 0;
  const server = await startLocalServer((socket, { body: asked }) => {
    const turn = turns[Math.min(taken, turns.length - 1)];
    taken += 1;
    if (turn === undefined || turn === 'silence') return;
    if (turn === 'half') socket.write(answer(200, events(chunk({ content: '{' })), { 'content-length': '5000' }));
    else if (turn === 'reset') socket.resetAndDestroy();
    else if ('status' in turn) socket.write(answer(turn.status, refusal(turn.status)));
    else if ((JSON.parse(asked) as { stream?: boolean }).stream === true) {
      socket.write(answer(200, streamed(turn.content), { 'content-type': 'text/event-stream' }));
    } else socket.write(answer(200, body(turn.content)));
  });
  const client = createVertexClient({ baseUrl: `${server.url}/v1`, auth: { kind: 'token', token: 'any' } });
  return { client, calls: () => server.requests.length, close: () => closeAll(client, server) };
});

function refusal(status: number): string {
  return JSON.stringify([{ error: { code: status, message: 'It cannot be done', status: 'SOMETHING' } }]);
}

function streamed(content: string): string {
  const middle = Math.ceil(content.length / 2);
  const usage = { prompt_tokens: 27, completion_tokens: 45, total_tokens: 72 };
  return events(
    chunk({ content: content.slice(0, middle) }),
    chunk({ content: content.slice(middle) }, { finish: 'stop', usage }),
    '[DONE]',
  ).replaceAll('google/gemini-3.1-pro-preview', 'google/gemini-3.5-flash-lite');
}

for (const path of ['of Google', 'of an endpoint of its own'] as const) {
  describeClient(`the client of Vertex AI, against the emulator ${path}`, async (turns) => {
    const emulator = await startEmulator({ port: 0, script: turns.map(step) });
    const baseUrl = emulator.baseUrl(path === 'of Google' ? {} : { endpoint: '4711' });
    const client = createVertexClient({ baseUrl, auth: { kind: 'token', token: 'any' } });
    return { client, calls: () => emulator.stats().requests, close: () => closeAll(client, emulator) };
  });
}

/** The last one serves what comes behind it, too. */
function step(turn: ServiceTurn, at: number, { length }: readonly ServiceTurn[]): ScriptStep {
  const times = at === length - 1 ? ('all' as const) : 1;
  if (turn === 'silence') return { fault: 'stall', times };
  if (turn === 'half') return { fault: 'stall-mid-body', times };
  if (turn === 'reset') return { fault: 'reset', times };
  if ('status' in turn) return { fault: `status-${turn.status}-array` as FaultKind, times };
  return { content: turn.content, tokens: { prompt: TURN_USAGE.prompt, completion: TURN_USAGE.completion }, times };
}

/** A client waits for its calls under way, and a service that is silent does not end them. */
async function closeAll(client: { close(): Promise<void> }, service: { close(): Promise<void> }): Promise<void> {
  await service.close();
  await client.close();
}
