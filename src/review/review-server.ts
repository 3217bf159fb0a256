import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describeSystemError } from '../files/system-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { JsonValue } from '../json/value.ts';
import { StoreError } from '../files/store-error.ts';
import { refusalOf } from './gate.ts';
import { readLabelRequest } from './label.ts';
import { readPageAssets, type PageAssets } from './page-assets.ts';
import { servedPage, SERVED_POLICY } from './page-html.ts';
import type { ReviewItem, ReviewRun } from './review-run.ts';

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

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_PAGE = 500;

/**
 * Serves the page of a review on this machine's own address, to whoever has the token.
 *
 * @throws {GleanerError} when the port cannot be listened on, or the page was not built
 */
export async function serveReview(review: ReviewRun, options: ReviewServerOptions = {}): Promise<ReviewServer> {
  const token = randomBytes(24).toString('base64url');
  const assets = options.assets ?? readPageAssets();
  const server = createServer((request, response) => {
    answer(request, { review, token, assets, port: portOf() }).then(
      (reply) => send(response, reply),
      (error: unknown) => send(response, failure(error)),
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

interface Reply {
  status: number;
  type: string;
  body: string | Uint8Array;
}

interface Served {
  review: ReviewRun;
  token: string;
  assets: PageAssets;
  port: number;
}

async function answer(request: IncomingMessage, served: Served): Promise<Reply> {
  const refusal = refusalOf(request, served);
  if (refusal !== undefined) return { status: 403, type: 'text/plain', body: refusal };
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
  const { review, assets } = served;
  switch (`${request.method} ${pathname}`) {
    case 'GET /':
      return { status: 200, type: 'text/html', body: servedPage(served.token) };
    case 'GET /assets/review.js':
      return { status: 200, type: 'text/javascript', body: assets.script };
    case 'GET /assets/review.css':
      return { status: 200, type: 'text/css', body: assets.style };
    case 'GET /api/run':
      return json(review.summary());
    case 'GET /api/list':
      return json(
        review.list({
          filter: searchParams.get('filter') ?? 'all',
          search: (searchParams.get('search') ?? '').slice(0, 200),
          from: wholeNumber(searchParams.get('from'), 0),
          count: Math.min(MAX_PAGE, wholeNumber(searchParams.get('count'), 50)),
        }),
      );
    case 'GET /api/item':
      return json(await review.item(wholeNumber(searchParams.get('at'), 0)));
    case 'GET /api/media':
      return media(
        await review.item(wholeNumber(searchParams.get('at'), 0)),
        wholeNumber(searchParams.get('position'), 0),
      );
    case 'POST /api/labels': {
      const label = readLabelRequest(await readBody(request));
      if (label === undefined) {
        throw new GleanerError(
          'usage',
          'Cannot label: the request must hold id and accept, or id, path and value or text',
        );
      }
      return json(review.label(label));
    }
    default:
      return { status: 404, type: 'text/plain', body: 'There is nothing here' };
  }
}

/** What browsers show, and nothing that they would run. */
const SHOWN_TYPES = /^(?:image\/(?:png|jpeg|gif|webp)|application\/pdf|(?:audio|video)\/[\w.+-]+)$/;

function media(item: ReviewItem, position: number): Reply {
  const [, type = '', data = ''] = /^data:([^;,]+);base64,(.*)$/s.exec(item.media[position]?.url ?? '') ?? [];
  if (!SHOWN_TYPES.test(type)) return { status: 404, type: 'text/plain', body: 'There is no such document' };
  return { status: 200, type, body: Buffer.from(data, 'base64') };
}

function json(value: unknown): Reply {
  return { status: 200, type: 'application/json', body: JSON.stringify(value) };
}

function failure(error: unknown): Reply {
  if (error instanceof GleanerError) return { ...json({ error: error.message }), status: 422 };
  if (error instanceof StoreError) return { ...json({ error: error.message }), status: 500 };
  return { ...json({ error: 'Unforeseen; please report it' }), status: 500 };
}

function send(response: ServerResponse, { status, type, body }: Reply): void {
  response.writeHead(status, {
    'content-type': typeof body === 'string' ? `${type}; charset=utf-8` : type,
    // The viewer of PDFs in browsers is a page of its own, which that policy would stop.
    ...(typeof body === 'string' && { 'content-security-policy': SERVED_POLICY }),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
  });
  response.end(body);
}

function wholeNumber(text: string | null, otherwise: number): number {
  const value = Number(text);
  return text !== null && text !== '' && Number.isSafeInteger(value) && value >= 0 ? value : otherwise;
}

async function readBody(request: IncomingMessage): Promise<JsonValue> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    throw new GleanerError('usage', 'Cannot read the request: it must be application/json');
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Read to its end all the same: a client that still sends would not see the answer.
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (length > MAX_BODY_BYTES) throw new GleanerError('usage', 'Cannot read the request: it is too long');
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as JsonValue;
  } catch {
    throw new GleanerError('usage', 'Cannot read the request: it is no JSON');
  }
}
