import type * as bullmq from 'bullmq';
import type { Redis } from 'ioredis';
import { GleanerError } from '../../gleaner-error.ts';
import { describePool, parsePoolAddress, type PoolAddress } from '../pool/pool-address.ts';
import { connect, createConnection, refusalOf } from '../pool/redis-connection.ts';

export interface QueuePlace {
  /** `redis://[user@]host[:port][/database]`, or `rediss://` for TLS. Never with a password. */
  url: string;
  /** Default none. */
  password?: string | undefined;
  /** Tells pools on one server apart. Default `gleaner`. */
  prefix?: string | undefined;
}

/** A connection to the pool's server for its queue. */
export interface QueueConnection {
  redis: Redis;
  address: PoolAddress;
  /** For people. */
  name: string;
}

/** Adding the chunks of a large run is one transaction. */
const COMMAND_TIMEOUT_MS = 120_000;

/**
 * Connects, or says why that is of no use.
 *
 * @throws {GleanerError} for what no waiting mends; where ioredis is not installed
 * @throws {Error} where the server cannot be reached now
 */
export async function connectQueue(
  { url, password, prefix }: QueuePlace,
  { isLong = false } = {},
): Promise<QueueConnection> {
  const address = parsePoolAddress(url, prefix);
  const connection = await createConnection(address, password, isLong ? COMMAND_TIMEOUT_MS : undefined);
  const { redis } = connection;
  try {
    await connect(connection, address);
    await redis.ping();
  } catch (error) {
    redis.disconnect();
    throw refusalOf(error, address) ?? refusalOf(connection.problem, address) ?? error;
  }
  return { redis, address, name: describePool(address) };
}

export type Bullmq = Pick<typeof bullmq, 'FlowProducer' | 'Queue' | 'Worker'>;

/** @throws {GleanerError} where it is not installed */
export async function loadBullmq(): Promise<Bullmq> {
  try {
    return await import('bullmq');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
    throw new GleanerError(
      'option-invalid',
      'Cannot use a queue: it takes bullmq and ioredis, which gleaner does not bring; install them with npm install bullmq ioredis',
      { cause: error },
    );
  }
}
