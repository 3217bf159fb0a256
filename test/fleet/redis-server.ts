import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectEncrypted } from 'node:tls';

/** How a server is started. */
export interface RedisOptions {
  /** Whether it writes each command down, so that a restart has what was there. Default true. */
  appendOnly?: boolean;
  /** Default noeviction. */
  maxmemoryPolicy?: string;
  /** The only user who may do anything. Default: anybody may, without a password. */
  user?: { name: string; password: string; rules?: string };
  /** Whether it speaks TLS and nothing else, by a certificate of its own for localhost. Needs openssl. */
  isEncrypted?: boolean;
}

/** Why tests with TLS are skipped, beside that there is no server. */
export const whyNoTls = (): string | undefined =>
  spawnSync('openssl', ['version']).status === 0
    ? undefined
    : 'there is no openssl in the PATH to make a certificate with';

/** A real server on 127.0.0.1, with a directory of its own. */
export interface RedisServer {
  readonly port: number;
  /** Names the user, where there is one, and never a password. */
  readonly url: string;
  /** The certificate that clients have to trust, where it is encrypted. */
  readonly certificate: string;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port and directory; ready for commands when resolved. */
  restart(): Promise<void>;
  /** Stops its process where it is, until `resume`: connections stay open and nothing answers. */
  freeze(): void;
  resume(): void;
  /** Ends it and removes its directory. */
  close(): Promise<void>;
}

const program = ['redis-server', 'valkey-server'].find(
  (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
);

/** Why tests with a real server are skipped; undefined where they are not. For `describe.skipIf(whyNoRedis !== undefined)`. */
export const whyNoRedis =
  program === undefined ? 'there is no redis-server and no valkey-server in the PATH: install either' : undefined;

if (whyNoRedis !== undefined) process.emitWarning(`Tests with a real Redis are skipped: ${whyNoRedis}`);

const READY_WITHIN_MS = 20_000;
const PORT_TRIES = 5;

export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  for (let left = PORT_TRIES; ; left -= 1) {
    const server = new LocalRedis(await freePort(), options);
    try {
      await server.restart();
      return server;
    } catch (error) {
      await server.close();
      // Another process may have taken the port meanwhile.
      if (left <= 1) throw error;
    }
  }
}

class LocalRedis implements RedisServer {
  readonly port: number;
  readonly url: string;
  readonly certificate: string;
  readonly #isEncrypted: boolean;
  readonly #directory = mkdtempSync(join(tmpdir(), 'gleaner-redis-'));
  readonly #killWithUs = (): void => void this.#child?.kill('SIGKILL');
  #child: ChildProcess | undefined;

  constructor(port: number, options: RedisOptions) {
    const { appendOnly = true, maxmemoryPolicy = 'noeviction', user, isEncrypted = false } = options;
    this.port = port;
    this.#isEncrypted = isEncrypted;
    this.certificate = join(this.#directory, 'certificate.pem');
    const who = user === undefined ? '' : `${user.name}@`;
    this.url = isEncrypted ? `rediss://${who}localhost:${port}/0` : `redis://${who}127.0.0.1:${port}/0`;
    const lines = [
      'bind 127.0.0.1',
      ...(isEncrypted ? encryptedLines(this.#directory, port) : [`port ${port}`]),
      `dir ${this.#directory}`,
      `appendonly ${appendOnly ? 'yes' : 'no'}`,
      'appendfsync always',
      'save ""',
      `maxmemory-policy ${maxmemoryPolicy}`,
      ...(user === undefined
        ? []
        : ['user default off', `user ${user.name} on >${user.password} ${user.rules ?? '~* &* +@all'}`]),
    ];
    writeFileSync(join(this.#directory, 'redis.conf'), `${lines.join('\n')}\n`);
    process.once('exit', this.#killWithUs);
  }

  async restart(): Promise<void> {
    await this.kill();
    const child = spawn(program ?? 'redis-server', [join(this.#directory, 'redis.conf')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const said: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    const ended = once(child, 'exit').then(() => {
      throw new Error(`The server ended: ${Buffer.concat(said).toString().trim()}`);
    });
    ended.catch(() => undefined);
    await Promise.race([this.#answers(), ended]);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async close(): Promise<void> {
    await this.kill();
    process.removeListener('exit', this.#killWithUs);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Resolves once it answers: with PONG, or that a password is wanted; not while it reads its file. */
  async #answers(): Promise<void> {
    const before = performance.now() + READY_WITHIN_MS;
    for (;;) {
      const answer = await ping(this.port, this.#isEncrypted);
      if (answer.startsWith('+PONG') || answer.startsWith('-NOAUTH')) return;
      if (performance.now() > before) throw new Error(`The server does not answer on port ${this.port}: ${answer}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Makes a certificate for localhost, and says that the server has it. */
function encryptedLines(directory: string, port: number): string[] {
  const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')];
  const kind = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'.split(' ');
  const whose = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const made = spawnSync('openssl', [...kind, ...whose, '-keyout', key, '-out', certificate]);
  if (made.status !== 0)
    throw new Error(`openssl made no certificate: ${made.stderr?.toString() ?? 'it is not there'}`);
  return [
    'port 0',
    `tls-port ${port}`,
    `tls-cert-file ${certificate}`,
    `tls-key-file ${key}`,
    `tls-ca-cert-file ${certificate}`,
    'tls-auth-clients no',
  ];
}

function ping(port: number, isEncrypted: boolean): Promise<string> {
  return new Promise((resolve) => {
    const say = (): unknown => socket.write('PING\r\n');
    const socket: Socket = isEncrypted
      ? connectEncrypted({ port, host: '127.0.0.1', rejectUnauthorized: false }, say)
      : connect(port, '127.0.0.1', say);
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString());
    });
    socket.once('error', (error) => resolve(error.message));
    socket.once('close', () => resolve('the connection was closed'));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
