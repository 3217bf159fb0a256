import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describeSystemError } from '../files/system-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import { readPageAssets, type PageAssets } from './page-assets.ts';
import { DOCUMENT_POLICY, SERVED_POLICY } from './page-html.ts';
import { answerRequest, failureReply, type Reply } from './review-routes.ts';
import type { ReviewRun } from './review-run.ts';

export interface ReviewServerOptions {
  /** Default 0, which picks a free one. */
  port?: number | undefined;
  /** The built page. Default: the one beside this file. */
  assets?: PageAssets;
}

export interface ReviewServer {
  /** Where the page is, with its token. */
  url: string;
  close(): Promise<void>;
}

/**
 * Serves the page of a review on this machine's own address, to whoever has the token.
 *
 * @throws {GleanerError} when the port cannot be listened on, or the page was not built
 */
export async function serveReview(review: ReviewRun, options: ReviewServerOptions = {}): Promise<ReviewServer> {
  const token = randomBytes(24).toString('base64url');
  const assets = options.assets ?? readPageAssets();
  const server = createServer((request, response) => {
    answerRequest(request, { review, token, assets, port: portOf() }).then(
      (reply) => send(response, reply),
      (error: unknown) => send(response, failureReply(error)),
    );
  });
  const portOf = (): number => (server.address() as AddressInfo).port;
  try {
    server.listen(options.port ?? 0, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    throw new GleanerError(
      'usage',
      `Cannot serve the review on port ${options.port ?? 0}: ${describeSystemError(error)}; give another port`,
      { cause: error },
    );
  }
  return {
    url: `http://127.0.0.1:${portOf()}/?token=${token}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function send(response: ServerResponse, { status, type, body }: Reply): void {
  response.writeHead(status, {
    'content-type': typeof body === 'string' ? `${type}; charset=utf-8` : type,
    'content-security-policy': typeof body === 'string' ? SERVED_POLICY : DOCUMENT_POLICY,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
  });
  response.end(body);
}
