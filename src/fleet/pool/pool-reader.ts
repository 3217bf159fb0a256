import { describePool, parsePoolAddress } from './pool-address.ts';
import { serverWarnings } from './pool-notices.ts';
import { readPoolStatus, type PoolStatus } from './pool-status.ts';
import { connect, createConnection, refusalOf } from './redis-connection.ts';

/** Looks at a pool, without a run. */
export interface PoolReader {
  /** Where it is, for people. */
  readonly name: string;
  /** What of the server's settings lets it forget. */
  readonly warnings: readonly string[];
  read(): Promise<PoolStatus>;
  close(): void;
}

/**
 * @throws {GleanerError} where the pool may not be looked at, or ioredis is not installed
 * @throws {Error} where its server cannot be reached now
 */
export async function openPoolReader(
  url: string,
  { password, prefix }: { password?: string | undefined; prefix?: string | undefined } = {},
): Promise<PoolReader> {
  const address = parsePoolAddress(url, prefix);
  const connection = await createConnection(address, password);
  const { redis } = connection;
  try {
    await connect(connection, address);
    const warnings = await serverWarnings(redis);
    return {
      name: describePool(address),
      warnings,
      read: () => readPoolStatus(redis, address),
      close: () => redis.disconnect(),
    };
  } catch (error) {
    redis.disconnect();
    const { problem } = connection;
    throw refusalOf(error, address) ?? refusalOf(problem, address) ?? problem ?? error;
  }
}
