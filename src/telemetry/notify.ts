import { EnvHttpProxyAgent, fetch } from 'undici';
import { GleanerError } from '../gleaner-error.ts';
import type { RunSummary } from '../run/session/run-in-directory.ts';
import { formatCount, formatUsd } from '../text/format.ts';
import { plainText } from '../text/plain-text.ts';
import type { ProxySettings } from '../vertex/proxy-settings.ts';
import type { RunObserver } from './run-observer.ts';

/** `json`: usage.json with a word on what happened; `slack`: a message for an incoming webhook; `ping`: healthchecks.io and its like. */
export type NotifyForm = 'json' | 'slack' | 'ping';

export interface NotifyOptions {
  url: string;
  form: NotifyForm;
  extraction: string;
  out: string;
  proxy?: ProxySettings | undefined;
  /** Told, in a sentence, when a notice could not be delivered. */
  tell: (message: string) => void;
  /** Longest wait for an answer, in milliseconds. Default 10,000. */
  timeoutMs?: number;
}

/** What is said at the end of a run. */
interface Ending {
  exitCode: number;
  status: string;
  text: string;
  facts: object;
}

/**
 * Tells a URL how a run ended. Whatever becomes of it changes nothing of the run.
 *
 * @throws {GleanerError} for a URL that is none
 */
export function createNotifier(options: NotifyOptions): RunObserver {
  const { url, form, extraction, out, proxy = {}, tell, timeoutMs = 10_000 } = options;
  // What it holds is a secret: no part of it but the host is ever shown.
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new GleanerError('option-invalid', 'Cannot notify anybody: the URL must begin with https:// or http://');
  }
  const { host } = new URL(url);

  async function post(to: string, body: string, type: string): Promise<void> {
    const dispatcher = new EnvHttpProxyAgent({
      httpProxy: proxy.http ?? '',
      httpsProxy: proxy.https ?? '',
      noProxy: proxy.no ?? '',
    });
    try {
      const response = await fetch(to, {
        method: 'POST',
        body,
        headers: { 'content-type': type, 'user-agent': 'gleaner' },
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
        dispatcher,
      });
      await response.body?.cancel();
      if (!response.ok) tell(`${host} was not told how the run ended: it answered ${response.status}`);
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const text =
        cause instanceof Error ? plainText(cause.message, { limit: 200, secrets: [url] }) : 'unknown failure';
      tell(`${host} was not told how the run ended: ${text}`);
    } finally {
      await dispatcher.destroy();
    }
  }

  function send(ending: Ending): Promise<void> {
    switch (form) {
      case 'json':
        return post(
          url,
          JSON.stringify({ event: 'run-end', message: ending.text, ...ending.facts }),
          'application/json',
        );
      case 'slack':
        return post(url, JSON.stringify({ text: escapeSlack(ending.text) }), 'application/json');
      case 'ping': {
        const to = new URL(url);
        // A failure is told by the exit code as the last part of the path; 0 is a success.
        to.pathname = `${to.pathname.replace(/\/$/, '')}/${ending.exitCode}`;
        return post(to.href, ending.text, 'text/plain');
      }
      default:
        return form satisfies never;
    }
  }

  return {
    async onStart() {
      if (form !== 'ping') return;
      const to = new URL(url);
      to.pathname = `${to.pathname.replace(/\/$/, '')}/start`;
      await post(to.href, '', 'text/plain');
    },
    onEnd(summary, isEmulated) {
      const { facts: _facts, ...report } = summary;
      return send({ ...summary, text: describeEnd(summary, isEmulated), facts: report });
    },
    onFailure(message, exitCode) {
      const text = `${extraction}: the command failed (exit ${exitCode}): ${message}`;
      return send({
        exitCode,
        status: 'error',
        text,
        facts: { status: 'error', exitCode, reason: message, extraction, out },
      });
    },
  };
}

function describeEnd(
  { extraction, status, exitCode, reason, records, cost, out }: RunSummary,
  isEmulated: boolean,
): string {
  const counts = `${formatCount(records.extracted)} extracted, ${formatCount(records.rejected)} rejected`;
  const rest = records.remaining ? `, ${formatCount(records.remaining)} remaining` : '';
  const ofWhom = isEmulated ? ' at list prices, of the emulator, which bills nothing' : '';
  const money = cost.usd === null || cost.usd === 0 ? '' : `, ${formatUsd(cost.usd)}${ofWhom}`;
  const why = reason === null ? '' : `; ${reason}`;
  return `${extraction}: ${status} (exit ${exitCode}), ${counts}${rest}${money}${why}. Written to ${out}`;
}

/** Slack takes these for its own marks, such as mentions. */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
