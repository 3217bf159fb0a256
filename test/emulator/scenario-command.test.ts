import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { gleaner, startGleaner, temporaryDirectory, writeFile } from '../e2e/harness.ts';

test('gleaner emulate serves a scenario file, and flags go before it', async () => {
  const directory = temporaryDirectory();
  const scenario = { port: 1, tokens: { accept: 'issued' }, script: [{ content: 'as the script says' }] };
  const file = writeFile(directory, 'scenario.json', JSON.stringify(scenario));
  const running = startGleaner(['emulate', '--scenario', file, '--port', '0']);
  if (running.process.stdout === null) throw new Error('Expected a pipe');
  const [origin] = (await once(createInterface(running.process.stdout), 'line')) as [string];
  const chat = `${origin}/v1/projects/emulated-project/locations/global/endpoints/openapi/chat/completions`;
  const body = JSON.stringify({
    model: 'google/gemini-3.5-flash',
    messages: [{ role: 'user', content: 'Hello World' }],
  });
  expect((await fetch(chat, { method: 'POST', body, headers: { authorization: 'Bearer any' } })).status).toBe(401);
  const token = await fetch(`${origin}/computeMetadata/v1/instance/service-accounts/default/token`, {
    headers: { 'metadata-flavor': 'Google' },
  });
  const { access_token: bearer } = (await token.json()) as { access_token: string };
  const answer = await fetch(chat, { method: 'POST', body, headers: { authorization: `Bearer ${bearer}` } });
  expect(await answer.text()).toContain('as the script says');
  running.process.kill('SIGTERM');
  expect((await running.done).code).toBe(0);
});

test('gleaner emulate refuses a scenario that is wrong, naming the place', async () => {
  const file = writeFile(temporaryDirectory(), 'scenario.json', '{"script":[{"falt":"reset"}]}');
  const { code, stderr } = await gleaner(['emulate', '--scenario', file]);
  expect(code).toBe(2);
  expect(stderr).toContain('/script/0/falt is not known: there are nth, contains,');
});
