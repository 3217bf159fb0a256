import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GleanerError } from '../gleaner-error.ts';
import { describeSystemError } from '../files/system-error.ts';
import type { RunMetrics } from './run-metrics.ts';

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the metrics of a run that is going, at `/metrics`.
 *
 * @throws {GleanerError} when it cannot listen there
 */
export async function serveMetrics(
  metrics: Pick<RunMetrics, 'text' | 'contentType'>,
  { port, host = '127.0.0.1' }: { port: number; host?: string | undefined },
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET' || path !== '/metrics') {
      response.writeHead(request.method === 'GET' ? 404 : 405, { 'content-type': 'text/plain' });
      response.end('Metrics are at /metrics\n');
      return;
    }
    void metrics.text().then((text) => {
      response.writeHead(200, { 'content-type': metrics.contentType });
      response.end(text);
    });
  });
  await listen(server, port, host);
  // A run does not go on for the sake of those who look on.
  server.unref();
  const { address, port: taken, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const why = 'code' in error && error.code === 'EADDRINUSE' ? 'it is taken' : describeSystemError(error);
      reject(new GleanerError('option-invalid', `Cannot serve metrics at ${host}:${port}: ${why}`, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
}
