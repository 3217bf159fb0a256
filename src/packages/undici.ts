import type Undici from 'undici';
import type { Dispatcher } from 'undici';
import { requirePackage } from './require-package.ts';

/**
 * Where the parts of undici lie that a call takes. Its entry loads fetch, WebSockets, caches and mocks as well, and Node's own copy
 * of all that through them: 110 modules, which take a tenth of a second.
 */
export const UNDICI_PLACES = {
  Client: 'undici/lib/dispatcher/client.js',
  Pool: 'undici/lib/dispatcher/pool.js',
  buildConnector: 'undici/lib/core/connect.js',
  request: 'undici/lib/api/api-request.js',
} as const;

/** A part of undici, which its entry exports by the same name but for `request`. */
export function undiciPart<Name extends 'Client' | 'Pool' | 'buildConnector'>(name: Name): (typeof Undici)[Name] {
  // No version promises where its parts lie.
  return (part(name) ?? wholeUndici()[name]) as (typeof Undici)[Name];
}

/** Sends a request by a dispatcher whose prototype only undici's entry gives that method. */
export function requestBy(
  dispatcher: Dispatcher,
  options: Dispatcher.RequestOptions,
): Promise<Dispatcher.ResponseData> {
  const request = (part('request') ?? wholeUndici().Dispatcher.prototype.request) as Dispatcher['request'];
  return request.call(dispatcher, options) as Promise<Dispatcher.ResponseData>;
}

/** All of undici: a proxy's tunnel is dug by methods that its entry puts together. */
export function wholeUndici(): typeof Undici {
  return requirePackage('undici') as typeof Undici;
}

function part(name: keyof typeof UNDICI_PLACES): unknown {
  try {
    return requirePackage(UNDICI_PLACES[name]);
  } catch {
    return undefined;
  }
}
