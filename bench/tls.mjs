// TLS to one host with many calls in flight: HTTP/1.1, a connection for each call, against HTTP/2 by undici's `allowH2`. One server of Node
// answers both, in a process of its own, after 200 ms; the clients are processes of their own, in turn. `node bench/tls.mjs [calls] [in flight]`.
import { execFileSync, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DELAY_MS = 200;
const ROUNDS = Number(process.env.ROUNDS ?? 3);
/** Bytes of a request and of an answer, as those of an invoice. */
const [SENT, ANSWERED] = [4000, 1200];
const [role = '', ...given] = process.argv.slice(2);
const roles = { serve, call };
await (roles[role] ?? compare)(...(role in roles ? given : process.argv.slice(2)));

async function compare(calls = '10000', inFlight = '500') {
  const directory = mkdtempSync(join(tmpdir(), 'gleaner-tls-'));
  try {
    const key = join(directory, 'key.pem');
    const certificate = join(directory, 'certificate.pem');
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
    execFileSync('openssl', ['req', '-x509', ...made, '-out', certificate, ...subject], { stdio: 'ignore' });
    const server = start('serve', key, certificate);
    const port = await once(server);
    console.log(`${calls} calls, ${inFlight} in flight, answers of ${DELAY_MS} ms, load ${loadavg()[0].toFixed(1)}`);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const way of (process.env.WAYS ?? 'h1,h1-warmed,h2-1,h2-5').split(',')) {
        const client = start('call', way, String(port), certificate, calls, inFlight);
        const told = await once(client);
        server.send('tell');
        const { connections, cpu } = await once(server);
        const columns = { ...told, connections, 'server CPU ms/call': ((cpu * 1000) / Number(calls)).toFixed(3) };
        const cells = Object.entries(columns).map(([name, value]) => `${name} ${value}`);
        console.log(`${way.padEnd(10)} ${cells.join('   ')}`);
      }
    }
    server.disconnect();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function start(...args) {
  return fork(fileURLToPath(import.meta.url), args);
}

function once(child) {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`A process of the comparison ended with ${code}`)));
  });
}

function serve(key, certificate) {
  const body = Buffer.alloc(ANSWERED, 'x');
  let connections = 0;
  let before = process.cpuUsage();
  const options = { key: readFileSync(key), cert: readFileSync(certificate), allowHTTP1: true };
  const server = createSecureServer({ ...options, settings: { maxConcurrentStreams: 1000 } }, (request, response) => {
    request.resume();
    request.on('end', () =>
      setTimeout(() => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
        response.end(body);
      }, DELAY_MS),
    );
  });
  server.on('secureConnection', () => (connections += 1));
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', 1024, () => process.send(server.address().port));
  process.on('message', () => {
    const { user, system } = process.cpuUsage(before);
    process.send({ connections, cpu: (user + system) / 1e6 });
    connections = 0;
    before = process.cpuUsage();
  });
  process.on('disconnect', () => process.exit());
}

async function call(way, port, certificate, calls, inFlight) {
  const { Pool } = await import('undici');
  const isTwo = way.startsWith('h2');
  const connections = isTwo ? Number(way.slice(3)) : Number(inFlight);
  const origin = `https://localhost:${port}`;
  const pool = new Pool(origin, {
    connections,
    allowH2: isTwo,
    pipelining: isTwo ? Math.ceil(Number(inFlight) / connections) : 1,
    connect: { ca: readFileSync(certificate), host: '127.0.0.1', timeout: 30_000 },
  });
  const body = Buffer.alloc(SENT, 'y');
  const latencies = [];
  const one = async () => {
    const began = performance.now();
    const { statusCode, body: answer } = await pool.request({
      path: '/',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      // undici lets no other request share a connection with one that may not be repeated.
      idempotent: isTwo,
    });
    await answer.arrayBuffer();
    if (statusCode !== 200) throw new Error(`The server answered ${statusCode}`);
    latencies.push(performance.now() - began);
  };
  const before = process.cpuUsage();
  const began = performance.now();
  let left = Number(calls);
  const work = async (waitMs) => {
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    while (left > 0) {
      left -= 1;
      await one();
    }
  };
  // Warmed: the calls in flight are begun over two seconds, so that handshakes do not stand in each other's way.
  const spreadMs = way === 'h1-warmed' ? 2000 / Number(inFlight) : 0;
  await Promise.all(Array.from({ length: Number(inFlight) }, (_, index) => work(index * spreadMs)));
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(before);
  latencies.sort((left, right) => left - right);
  const at = (share) => latencies[Math.floor(share * (latencies.length - 1))].toFixed(0);
  const told = {
    'calls/s': (Number(calls) / seconds).toFixed(0),
    'CPU ms/call': ((user + system) / 1000 / Number(calls)).toFixed(3),
    'latency ms, median': at(0.5),
    '99 %': at(0.99),
    'the longest': at(1),
  };
  process.send(told, () => pool.close().then(() => process.exit()));
}
