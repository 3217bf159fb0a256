import { GleanerError } from '../../gleaner-error.ts';

/** Where a pool is kept. */
export interface PoolAddress {
  host: string;
  port: number;
  database: number;
  isEncrypted: boolean;
  user: string | undefined;
  /** Before all of its keys: pools of one server are told apart by it. */
  prefix: string;
}

const DEFAULT_PREFIX = 'gleaner';

const DEFAULT_PORT = 6379;
const PREFIX = /^[\w.:-]{1,64}$/;

/**
 * Reads `redis://[user@]host[:port][/database]`, or `rediss://` for TLS.
 *
 * @throws {GleanerError} that never repeats the URL: a password may stand in it
 */
export function parsePoolAddress(text: string, prefix = DEFAULT_PREFIX): PoolAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') {
    throw refusal('it must be redis://host:port/database, or rediss:// for TLS');
  }
  if (url.password !== '') {
    throw new GleanerError(
      'option-invalid',
      'Cannot use the URL of the pool: it holds a password, which lists of processes and logs would show; leave it out of the URL and give it apart',
      { facts: { advice: 'pool-password' } },
    );
  }
  if (url.search !== '' || url.hash !== '') throw refusal('nothing may follow the database, such as ? or #');
  const database = /^\/?(\d{0,5})$/.exec(url.pathname)?.[1];
  if (database === undefined) throw refusal('its path must be the number of a database, such as /0');
  if (!PREFIX.test(prefix)) {
    throw new GleanerError(
      'option-invalid',
      'Cannot use the prefix of the pool: it must be 1 to 64 letters, digits or any of _ . : -',
    );
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    database: Number(database),
    isEncrypted: url.protocol === 'rediss:',
    user: url.username === '' ? undefined : decodeUser(url.username),
    prefix,
  };
}

function decodeUser(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw refusal('its user name has a % that stands for no character; write %25 for a per cent sign');
  }
}

/** The pool, for people: `host:port`, and its database and prefix where it has others than the usual ones. */
export function describePool({ host, port, database, prefix }: PoolAddress): string {
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}${database === 0 ? '' : `/${database}`}`;
  return prefix === DEFAULT_PREFIX ? place : `${place} (${prefix})`;
}

/** A key of the pool. All of them are in one slot of a cluster, since one script uses them together. */
export function poolKey({ prefix }: Pick<PoolAddress, 'prefix'>, name: string): string {
  return `{${prefix}}:${name}`;
}

function refusal(why: string): GleanerError {
  return new GleanerError('option-invalid', `Cannot use the URL of the pool: ${why}`);
}
