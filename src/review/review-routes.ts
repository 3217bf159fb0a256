import type { IncomingMessage } from 'node:http';
import { StoreError } from '../files/store-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import { refusalOf } from './gate.ts';
import { readLabelRequest } from './label.ts';
import type { PageAssets } from './page-assets.ts';
import { servedPage } from './page-html.ts';
import { readJsonBody } from './read-json-body.ts';
import type { ReviewItem } from './review-item.ts';
import type { ReviewRun } from './review-run.ts';

const MAX_PAGE = 500;

/** What a request is answered with. */
export interface Reply {
  status: number;
  type: string;
  body: string | Uint8Array;
}

export interface Served {
  review: ReviewRun;
  token: string;
  assets: PageAssets;
  port: number;
}

/** Answers a request to the page of a review; whoever may not ask is refused. */
export async function answerRequest(request: IncomingMessage, served: Served): Promise<Reply> {
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
      const label = readLabelRequest(await readJsonBody(request));
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

/** What a request is answered with that failed. */
export function failureReply(error: unknown): Reply {
  if (error instanceof GleanerError) return { ...json({ error: error.message }), status: 422 };
  if (error instanceof StoreError) return { ...json({ error: error.message }), status: 500 };
  return { ...json({ error: 'Unforeseen; please report it' }), status: 500 };
}

function wholeNumber(text: string | null, otherwise: number): number {
  const value = Number(text);
  return text !== null && text !== '' && Number.isSafeInteger(value) && value >= 0 ? value : otherwise;
}
