import { isIP } from 'node:net';
import type { IncomingHttpHeaders } from 'node:http';
import type { GoogleError } from './google-error.ts';

/**
 * Refuses what a web page of another site can make a browser send: a request under a name of the page's own that now leads
 * here (DNS rebinding), or one across sites. The requests that are remembered hold records.
 */
export class HostGate {
  readonly #isLocal: boolean;
  readonly #allowed: ReadonlySet<string>;

  /**
   * @param host address that is listened on
   * @param allowed further names by which the server may be called
   */
  constructor(host: string, allowed: readonly string[]) {
    this.#isLocal = isLoopback(bare(host));
    this.#allowed = new Set([host, ...allowed].map(bare));
  }

  /** Why a request is refused; undefined where it may pass. */
  refuse({ host, origin }: IncomingHttpHeaders): GoogleError | undefined {
    const called = hostName(`http://${host ?? ''}`);
    if (!this.#admits(called)) {
      return forbidden(
        `The emulator does not answer to the host ${JSON.stringify(host ?? '')}. Call it by its address, or allow the name: ` +
          'the option allow-host (allowedHosts in a program)',
      );
    }
    // Programs send no origin, browsers always do with what crosses sites.
    if (origin === undefined || this.#admits(hostName(origin))) return undefined;
    return forbidden(`The emulator does not answer to web pages of ${JSON.stringify(origin)}`);
  }

  #admits(name: string | undefined): boolean {
    if (name === undefined) return false;
    // No name that somebody else gives out can stand for an address that is written as such.
    return isLoopback(name) || this.#allowed.has(name) || (!this.#isLocal && isIP(name) !== 0);
  }
}

function forbidden(message: string): GoogleError {
  return { code: 403, status: 'PERMISSION_DENIED', message };
}

function hostName(url: string): string | undefined {
  try {
    return bare(new URL(url).hostname);
  } catch {
    return undefined;
  }
}

/** Without the brackets of an IPv6 address, and without the last dot of a name. */
function bare(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

/** Browsers resolve `localhost` and all names below it to this machine without asking anybody. */
function isLoopback(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127(?:\.\d{1,3}){3}$/.test(name);
}
