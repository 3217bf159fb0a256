import type * as bullmq from 'bullmq';
import type { Redis } from 'ioredis';
import { GleanerError } from '../../gleaner-error.ts';
import { describePool, parsePoolAddress, type PoolAddress } from '../pool/pool-address.ts';
import { connect, createConnection, refusalOf } from '../pool/redis-connection.ts';
import { isOfConnection } from './outage.ts';

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
  /** What commands failed with, in other words than that there is no connection. */
  explain(error: unknown): unknown;
}

/** Adding the chunks of a large run is one transaction. */
const COMMAND_TIMEOUT_MS = 120_000;

/** A first answer takes no longer, whatever commands may take after it. */
const FIRST_ANSWER_MS = 2000;

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
  listenToCopies(redis);
  const explain = (error: unknown): unknown =>
    refusalOf(error, address) ??
    refusalOf(connection.problem, address) ??
    (isOfConnection(error) ? (connection.problem ?? error) : error);
  try {
    await within(
      FIRST_ANSWER_MS,
      connect(connection, address).then(() => redis.ping()),
    );
  } catch (error) {
    redis.disconnect();
    throw explain(error);
  }
  return { redis, address, name: describePool(address), explain };
}

/** BullMQ makes a connection of its own from the one it is given, and takes its listeners off it while that may still fail. */
function listenToCopies(redis: Redis): void {
  const duplicate = redis.duplicate.bind(redis);
  redis.duplicate = (...options) => {
    const copy = duplicate(...options);
    copy.on('error', () => undefined);
    return copy;
  };
}

async function within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Command timed out')), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

export type Bullmq = Pick<typeof bullmq, 'FlowProducer' | 'Job' | 'Queue' | 'Worker'>;

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
