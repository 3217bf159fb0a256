import type { Redis } from 'ioredis';
import { connect, type RedisConnection } from './redis-connection.ts';
import { messageOf } from '../../text/thrown-message.ts';
import { describePool, poolKey, type PoolAddress } from './pool-address.ts';
import { POOL_SCRIPT } from './pool-script.ts';
import { troubleOf } from './server-trouble.ts';
import type {
  Amount,
  Caps,
  LoweredClaim,
  PoolAsk,
  PoolJoin,
  PoolLowering,
  PoolMemory,
  PoolReply,
  PoolStore,
} from './pool-store.ts';

/** The client with the pool's script as a command. */
type Scripted = Redis & { gleanerPool(...keysAndAsk: string[]): Promise<string> };

/** What the script answers: numbers that may be large come as texts. */
interface WireState {
  kind: 'state';
  epoch: string;
  version: string;
  hasLost: boolean;
  claim: [string, string];
  total: [string, string];
  caps: [string | null, string | null];
  runTotal: [string, string];
  runCaps: [string | null, string | null];
  live: number;
  othersHolding: number;
  graceMs: number;
  rates: [string | null, string | null];
  callsInMs: number;
  tokensInMs: number;
  pauseMs: number;
  failures: number;
  silentMs: number;
  isProbe: boolean;
}

/** What commands say while there is no connection. */
const NOT_THERE = /^(?:Stream isn't writeable|Connection is closed)/;

/** A pool on a Redis or Valkey server. */
export class RedisStore implements PoolStore {
  readonly name: string;
  readonly #redis: Scripted;
  readonly #connection: RedisConnection;
  readonly #address: PoolAddress;
  /** The service and model whose rates, pauses and failures are shared. */
  readonly #quota: string;

  constructor(connection: RedisConnection, address: PoolAddress, quota: string, script = POOL_SCRIPT) {
    const { redis } = connection;
    this.#connection = connection;
    this.#redis = redis as Scripted;
    this.#address = address;
    this.#quota = quota;
    this.name = describePool(address);
    redis.defineCommand('gleanerPool', { numberOfKeys: 8, lua: script });
  }

  async join(ask: PoolAsk, join: PoolJoin): Promise<PoolReply> {
    return parseReply(await this.#ask({ ...ask, join }, ask.account));
  }

  async exchange(ask: PoolAsk, known: Pick<PoolMemory, 'epoch' | 'version'>): Promise<PoolReply> {
    return parseReply(await this.#ask({ ...ask, ...known }, ask.account));
  }

  async lower({ account, lowers, spent }: PoolLowering): Promise<LoweredClaim> {
    // Money that is spent, and nothing else, is all that is left of the session.
    const ask = { account, lowers, spent, committed: spent, needed: spent, wanted: spent, leaseMs: 0 };
    return (JSON.parse(await this.#ask(ask, account)) as { kind: LoweredClaim }).kind;
  }

  async #ask(ask: object, { run, id }: PoolAsk['account']): Promise<string> {
    const key = (name: string): string => poolKey(this.#address, name);
    const keys = [
      key('pool'),
      key(`run:${run}`),
      key(`account:${id}`),
      key(`quota:${this.#quota}`),
      key(`probe:${this.#quota}`),
      key('live'),
      key('holding'),
      key('quotas'),
    ];
    try {
      if (this.#redis.status === 'wait') await connect(this.#connection, this.#address);
      return await this.#redis.gleanerPool(...keys, JSON.stringify(ask));
    } catch (error) {
      // A connection on which a command has hung answers no other one either.
      if (messageOf(error) === 'Command timed out') this.#redis.disconnect(true);
      const trouble = troubleOf(error);
      if (trouble !== undefined) throw new Error(`${trouble} (${messageOf(error)})`, { cause: error });
      throw NOT_THERE.test(messageOf(error)) ? (this.#connection.problem ?? error) : error;
    }
  }
}

function parseReply(text: string): PoolReply {
  const reply = JSON.parse(text) as WireState | Exclude<PoolReply, { kind: 'state' }>;
  if (reply.kind !== 'state') return reply;
  const { version, claim, total, caps, runTotal, runCaps, rates, ...rest } = reply;
  const [requestsPerMinute, tokensPerMinute] = rates.map((rate) => (rate === null ? undefined : Number(rate)));
  return {
    ...rest,
    version: Number(version),
    claim: amountOf(claim),
    total: amountOf(total),
    caps: capsOf(caps),
    runTotal: amountOf(runTotal),
    runCaps: capsOf(runCaps),
    rates: { requestsPerMinute, tokensPerMinute },
  };
}

function amountOf([tokens, nanoUsd]: [string, string]): Amount {
  return { tokens: Number(tokens), nanoUsd: Number(nanoUsd) };
}

function capsOf([tokens, nanoUsd]: [string | null, string | null]): Caps {
  return {
    ...(tokens === null ? {} : { tokens: Number(tokens) }),
    ...(nanoUsd === null ? {} : { nanoUsd: Number(nanoUsd) }),
  };
}
