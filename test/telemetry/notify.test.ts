import { createServer, type AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { RunSummary } from '../../src/run/session/run-in-directory.ts';
import { createNotifier, type NotifyForm } from '../../src/telemetry/notify.ts';
import type { RunObserver } from '../../src/telemetry/run-observer.ts';
import { progressOf } from '../cli/terminal/progress.ts';
import { answer, startLocalServer, type LocalServer, type Reply } from '../vertex/local-server.ts';

const summary = {
  extraction: 'receipt',
  status: 'stopped',
  exitCode: 3,
  reason: '<the service> is down',
  records: { read: 1300, extracted: 1200, rejected: 3, reused: 0, remaining: 97 },
  cost: { usd: 1.25, isLowerBound: false, wastedUsd: 0, unpricedModels: [] },
  out: 'runs/tonight',
} as unknown as RunSummary;

async function serve(reply: Reply = (socket) => socket.write(answer(204, ''))): Promise<LocalServer> {
  const server = await startLocalServer(reply);
  onTestFinished(() => server.close());
  return server;
}

function notifier(url: string, form: NotifyForm, told: string[] = [], timeoutMs = 5000): RunObserver {
  const tell = (message: string): void => void told.push(message);
  return createNotifier({ url, form, extraction: 'receipt', out: 'runs/tonight', tell, timeoutMs });
}

test('a notice as JSON is the report with a sentence', async () => {
  const told: string[] = [];
  const server = await serve();
  await notifier(`${server.url}/hook`, 'json', told).onEnd?.(summary, false);
  const [request] = server.requests;
  expect([request?.path, request?.headers['content-type'], told]).toEqual(['/hook', 'application/json', []]);
  expect(JSON.parse(request?.body ?? '')).toEqual({
    event: 'run-end',
    message:
      'receipt: stopped (exit 3), 1,200 extracted, 3 rejected, 97 remaining, $1.25; <the service> is down. Written to runs/tonight',
    ...summary,
  });
});

test('a notice tells what the emulator would have billed from what was billed', async () => {
  const server = await serve();
  await notifier(server.url, 'json').onEnd?.(summary, true);
  expect(server.requests[0]?.body).toContain(
    '$1.25 at list prices, of the emulator, which bills nothing; <the service>',
  );
});

test('a notice for Slack can mention nobody', async () => {
  const server = await serve();
  await notifier(server.url, 'slack').onEnd?.(summary, false);
  const { text } = JSON.parse(server.requests[0]?.body ?? '') as { text: string };
  expect(text).toContain('&lt;the service&gt; is down');
});

test('a ping says that a run begins, and with which exit code it ended', async () => {
  const server = await serve();
  const ping = notifier(`${server.url}/abc-123/`, 'ping');
  await ping.onStart?.(progressOf({}), 'api.example');
  await ping.onEnd?.(summary, false);
  await ping.onFailure?.('no credentials', 2);
  expect(server.requests.map(({ path }) => path)).toEqual(['/abc-123/start', '/abc-123/3', '/abc-123/2']);
});

test('a command that failed before there was a run is told as well', async () => {
  const server = await serve();
  await notifier(server.url, 'json').onFailure?.('no credentials', 2);
  expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({
    status: 'error',
    exitCode: 2,
    reason: 'no credentials',
    extraction: 'receipt',
  });
});

test('what cannot be delivered is told by the host, without the secret in the URL, and in bounded time', async () => {
  const gone = await startLocalServer(() => {});
  await gone.close();
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const refusing = await serve((socket) => socket.write(answer(500, 'swordfish')));
  const away = await serve((socket) => socket.write(answer(302, '', { location: 'http://127.0.0.1:1/' })));
  const hosts = [gone.url, `http://127.0.0.1:${(silent.address() as AddressInfo).port}`, refusing.url, away.url];
  for (const url of hosts) {
    const told: string[] = [];
    await notifier(`${url}/swordfish`, 'json', told, 300).onEnd?.(summary, false);
    expect(told).toEqual([expect.stringContaining(`${new URL(url).host} was not told how the run ended: `)]);
    expect(told[0]).not.toContain('swordfish');
  }
});

test.each(['hooks.example/x', 'ftp://hooks.example/x', ''])('%j is no URL to notify', (url) => {
  expect(() => notifier(url, 'json')).toThrow('the URL must begin with https:// or http://');
});
