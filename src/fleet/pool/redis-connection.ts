import { isIP } from 'node:net';
import type { Redis } from 'ioredis';
import { GleanerError } from '../../gleaner-error.ts';
import { describePool, type PoolAddress } from './pool-address.ts';

/** A command that is not answered for so long is given up: the server stands still, or the network drops what is sent. */
const COMMAND_TIMEOUT_MS = 2000;
const CONNECT_TIMEOUT_MS = 5000;
const LONGEST_RECONNECT_MS = 500;

/** Errors that no waiting mends. */
const REFUSALS = /^(?:WRONGPASS|NOAUTH|NOPERM|ERR DB index|ERR invalid password|ERR AUTH)/;

/** A connection, and what is wrong with it. */
export interface RedisConnection {
  redis: Redis;
  /** What was met since it was last well: commands say no more than that it is not there. */
  readonly problem: Error | undefined;
}

/**
 * Makes a connection that comes back by itself, and whose commands fail at once while it is not there. Nothing is sent yet.
 *
 * @throws {GleanerError} where ioredis is not installed
 */
export async function createConnection(
  address: PoolAddress,
  password: string | undefined,
  commandTimeout = COMMAND_TIMEOUT_MS,
): Promise<RedisConnection> {
  const { Redis: Client } = await loadClient();
  const { host, port, database, user, isEncrypted } = address;
  const redis = new Client({
    host,
    port,
    db: database,
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password }),
    // A certificate is looked for by name; an address is none.
    ...(isEncrypted ? { tls: isIP(host) === 0 ? { servername: host } : {} } : {}),
    lazyConnect: true,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    maxRetriesPerRequest: 0,
    commandTimeout,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (times) => Math.min(LONGEST_RECONNECT_MS, 20 * 2 ** Math.min(times, 10)),
  });
  let problem: Error | undefined;
  redis.on('error', (error: Error) => (problem = error));
  redis.on('ready', () => (problem = undefined));
  return {
    redis,
    get problem() {
      return problem;
    },
  };
}

/**
 * Connects for the first time. The client would go on in database 0 where the one that was asked for is not there, and put one pool's state
 * into another's.
 *
 * @throws {Error} where the server cannot be reached, or has no such database
 */
export async function connect({ redis }: RedisConnection, { database }: PoolAddress): Promise<void> {
  await redis.connect();
  if (database !== 0) await redis.select(database);
}

async function loadClient(): Promise<{ Redis: typeof Redis }> {
  try {
    return await import('ioredis');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
    throw new GleanerError(
      'option-invalid',
      'Cannot use a pool: it takes ioredis, which gleaner does not bring; install it with npm install ioredis',
      { cause: error },
    );
  }
}

/** What is wrong for good with a connection, in words; undefined for what passes. */
export function refusalOf(error: unknown, address: PoolAddress): GleanerError | undefined {
  const message = error instanceof Error ? error.message : '';
  if (!REFUSALS.test(message)) return undefined;
  const who = address.user === undefined ? 'without a user name' : `as ${address.user}`;
  const hint = /^(?:WRONGPASS|NOAUTH|ERR invalid password|ERR AUTH)/.test(message)
    ? 'it wants another user or password'
    : message.startsWith('NOPERM')
      ? 'the user lacks a permission'
      : 'there is no such database';
  // The server's sentence names a command or key, never a password.
  return new GleanerError(
    'option-invalid',
    `Cannot use the pool at ${describePool(address)} ${who}: ${hint} (${message.split('\n')[0] ?? ''})`,
    { facts: { advice: 'pool-password' } },
  );
}
