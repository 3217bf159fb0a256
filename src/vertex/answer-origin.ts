import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { requestBy } from '../packages/undici.ts';
import { ApiError } from '../completion/api-error.ts';
import {
  EMULATOR_FINGERPRINT,
  EMULATOR_HEADER,
  identifyService,
  mayBeEmulator,
  type ServiceIdentity,
} from '../completion/service.ts';
import { isMarkedEmulator } from '../files/emulator-mark.ts';
import { plainText } from '../text/plain-text.ts';
import type { HttpAnswer } from './http-answer.ts';
import { networkFailure } from './network-failure.ts';

/** How long an emulator that is still starting is waited for. */
const PROBE_PATIENCE_MS = 30_000;
const PROBE_TIMEOUT_MS = 5_000;
const LONGEST_PROBE_DELAY_MS = 2_000;

/**
 * Knows whether the emulator or a service is behind a URL. A run asks before its first call, because its identity and its
 * fingerprints depend on it; every later answer must then come from the same of the two. A client that nobody asks
 * takes either.
 */
export class AnswerOrigin {
  readonly #url: URL;
  #isEmulated: boolean | undefined;
  #isFixed = false;

  constructor(url: URL) {
    this.#url = url;
    if (!mayBeEmulator(url)) this.#isEmulated = false;
  }

  get service(): ServiceIdentity {
    return identifyService(this.#url, { isEmulated: this.#isEmulated === true });
  }

  /**
   * Asks the emulator itself whether it is behind the URL, if it has left its mark for the port. A server without one gets no
   * request: it may count them, or answer by a script.
   *
   * @throws {ApiError} of kind `network` when nothing can be reached there
   */
  async identify(dispatcher: Dispatcher, signal?: AbortSignal): Promise<void> {
    if (!this.#isFixed && mayBeEmulator(this.#url)) this.#isEmulated = await this.#probe(dispatcher, signal);
    this.#isFixed = true;
  }

  async #probe(dispatcher: Dispatcher, signal: AbortSignal | undefined): Promise<boolean> {
    const end = performance.now() + PROBE_PATIENCE_MS;
    for (let delayMs = 100; ; delayMs = Math.min(2 * delayMs, LONGEST_PROBE_DELAY_MS)) {
      signal?.throwIfAborted();
      try {
        await connectTo(this.#url, AbortSignal.timeout(PROBE_TIMEOUT_MS));
        return isMarkedEmulator(Number(this.#url.port || 80)) && (await this.#answersAsEmulator(dispatcher, signal));
      } catch (error) {
        signal?.throwIfAborted();
        const failure = networkFailure(error);
        // Whatever is there speaks something else, which the calls will show.
        if (failure === undefined || !isAbsence(failure.code)) return false;
        if (performance.now() + delayMs > end) throw this.#unreachable(failure);
      }
      // An abort is seen at the beginning of the next round.
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #answersAsEmulator(dispatcher: Dispatcher, signal: AbortSignal | undefined): Promise<boolean> {
    const { headers, body } = await requestBy(dispatcher, {
      origin: this.#url.origin,
      path: '/__emulator/stats',
      method: 'GET',
      signal: AbortSignal.any([AbortSignal.timeout(PROBE_TIMEOUT_MS), ...(signal === undefined ? [] : [signal])]),
    });
    await body.dump();
    return headers[EMULATOR_HEADER] !== undefined;
  }

  #unreachable({ code, text }: { code: string; text: string }): ApiError {
    const message = `Cannot reach ${this.#url.origin}: ${text}. Start what is to answer there, and repeat the command`;
    return new ApiError(message, { kind: 'network', code });
  }

  /** @throws {ApiError} of kind `service` for an answer of the emulator where a service was asked, or the other way round */
  check({ headers }: Pick<HttpAnswer, 'headers'>, fingerprint?: unknown): void {
    const isMarked = headers[EMULATOR_HEADER] !== undefined || fingerprint === EMULATOR_FINGERPRINT;
    if (!this.#isFixed) {
      if (isMarked) this.#isEmulated = true;
      return;
    }
    if (isMarked === this.#isEmulated) return;
    const origin = plainText(this.#url.origin, { limit: 200 });
    const message = isMarked
      ? `Cannot use the answer of ${origin}: it comes from gleaner's emulator, which is no model. Give the emulator's own URL as the base URL, and let it run on this machine, so that it is known from the start`
      : `Cannot use the answer of ${origin}: the emulator answered there when the run began, and now something else does`;
    throw new ApiError(message, { kind: 'service', status: 200 });
  }
}

/** Resolves when something listens there; says nothing to it. */
function connectTo({ hostname, port }: URL, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname.replaceAll(/[[\]]/g, ''), port: Number(port || 80), signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}

function isAbsence(code: string): boolean {
  return code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ENOTFOUND';
}
