import { isCloudPath } from '../cloud/cloud-service.ts';

/** Where a chat request was sent: the parts of its path. */
export interface ChatRoute {
  apiVersion: 'v1' | 'v1beta1';
  project: string;
  location: string;
  /** `openapi`, or the id of a self-deployed endpoint. */
  endpoint: string;
}

export type Route =
  | { kind: 'chat'; chat: ChatRoute }
  | { kind: 'stats' }
  | { kind: 'requests' }
  | { kind: 'scenario-schema' }
  | { kind: 'metadata'; path: string }
  | { kind: 'token-exchange' }
  | { kind: 'reset' }
  | { kind: 'cloud' }
  | { kind: 'advance'; ms: number }
  | { kind: 'unknown' };

const CHAT_PATH =
  /^\/(v1|v1beta1)\/projects\/([^/]+)\/locations\/([a-z0-9-]+)\/endpoints\/([A-Za-z0-9_.-]+)\/chat\/completions$/;

/** Finds what a request line asks for. A wrong method is an unknown route, as with Google's front end. */
export function findRoute(
  method: string,
  url: string,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Route {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  if (isCloudPath(path)) return { kind: 'cloud' };
  if (method === 'POST') {
    const match = CHAT_PATH.exec(path);
    if (match !== null) {
      const [, version, project = '', location = '', endpoint = ''] = match;
      return { kind: 'chat', chat: { apiVersion: version === 'v1' ? 'v1' : 'v1beta1', project, location, endpoint } };
    }
    const advance = /^\/__emulator\/advance\?ms=(\d+)$/.exec(url)?.[1];
    if (advance !== undefined) return { kind: 'advance', ms: Number(advance) };
    if (path === '/v1/token') return { kind: 'token-exchange' };
    return { kind: path === '/__emulator/reset' ? 'reset' : 'unknown' };
  }
  if (method === 'GET') {
    if (path === '/__emulator/stats') return { kind: 'stats' };
    if (path === '/__emulator/requests') return { kind: 'requests' };
    if (path === '/__emulator/scenario.schema.json') return { kind: 'scenario-schema' };
    // The root is the metadata server's only for those who ask it as such.
    if (path.startsWith('/computeMetadata/v1') || (path === '/' && headers['metadata-flavor'] === 'Google')) {
      return { kind: 'metadata', path };
    }
  }
  return { kind: 'unknown' };
}
