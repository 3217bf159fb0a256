import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startRedis, whyNoRedis, type RedisOptions, type RedisServer } from './redis-server.ts';

describe.skipIf(whyNoRedis !== undefined)('a redis-server of a test', () => {
  async function start(options?: RedisOptions): Promise<RedisServer> {
    const server = await startRedis(options);
    onTestFinished(() => server.close());
    return server;
  }

  function open({ port }: RedisServer, access: { username?: string; password?: string } = {}): Redis {
    const redis = new Redis({
      port,
      host: '127.0.0.1',
      ...access,
      retryStrategy: () => 20,
      maxRetriesPerRequest: null,
    });
    redis.on('error', () => undefined);
    onTestFinished(() => redis.disconnect());
    return redis;
  }

  test.each([
    { appendOnly: true, after: 'here' },
    { appendOnly: false, after: null },
  ])('killed and started again with appendOnly $appendOnly has $after', async ({ appendOnly, after }) => {
    const server = await start({ appendOnly });
    const redis = open(server);
    await redis.set('what', 'here');
    await server.kill();
    await server.restart();
    expect(await redis.get('what')).toBe(after);
  });

  test('lets in the user who has the password, and nobody else', async () => {
    const server = await start({ user: { name: 'worker', password: 'secret' } });
    expect(server.url).toBe(`redis://worker@127.0.0.1:${server.port}/0`);
    expect(await open(server, { username: 'worker', password: 'secret' }).ping()).toBe('PONG');
    const stranger = new Redis(server.port, '127.0.0.1', { lazyConnect: true });
    onTestFinished(() => stranger.disconnect());
    await expect(stranger.get('what')).rejects.toThrow('NOAUTH');
  });

  test('answers nothing while it is frozen, and goes on afterwards', async () => {
    const server = await start();
    const redis = open(server);
    await redis.ping();
    server.freeze();
    let isAnswered = false;
    const answer = redis.ping().then((text) => {
      isAnswered = true;
      return text;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isAnswered).toBe(false);
    server.resume();
    expect(await answer).toBe('PONG');
  });
});
