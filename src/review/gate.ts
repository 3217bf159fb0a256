import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * Why a request is refused; undefined where it may pass. The token keeps out other users and programs of this machine, Host what a
 * name of somebody else leads here (DNS rebinding), Origin the pages of others.
 */
export function refusalOf(
  request: IncomingMessage,
  { token, port }: { token: string; port: number },
): string | undefined {
  const { host, origin } = request.headers;
  const ours = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (host === undefined || !ours.includes(host)) return 'The review does not answer to this host';
  if (origin !== undefined && !ours.some((name) => origin === `http://${name}`))
    return 'The review does not answer to other pages';
  const given = Buffer.from(new URL(request.url ?? '/', 'http://127.0.0.1').searchParams.get('token') ?? '');
  const wanted = Buffer.from(token);
  const isToken = given.length === wanted.length && timingSafeEqual(given, wanted);
  return isToken ? undefined : 'The address lacks its token: open the one that the command printed';
}
