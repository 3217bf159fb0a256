import type { HttpAnswer } from './http-answer.ts';
import { plainText, type PlainTextOptions } from '../text/plain-text.ts';

/** What kind of body an answer has where JSON was expected, without quoting it; an HTML page's title excepted. */
export function describeBody(answer: HttpAnswer, options: PlainTextOptions = {}): string {
  const { headers, text } = answer;
  if (isEncoded(answer)) {
    return `a ${plainText(String(headers['content-encoding']), { ...options, limit: 20 })}-encoded body that was not asked for`;
  }
  const start = text.slice(0, 2000).trimStart();
  if (start === '') return 'an empty body';
  if (/^<(?:!doctype|html|head|body)\b/i.test(start)) {
    const title = /<title[^>]*>([^<]*)/i.exec(text.slice(0, 20_000))?.[1];
    return title === undefined ? 'an HTML page' : `an HTML page: ${plainText(title, { ...options, limit: 200 })}`;
  }
  const size = `${Buffer.byteLength(text)} bytes`;
  return /^[[{]/.test(start) ? `${size} of truncated or broken JSON` : `${size} that are no JSON`;
}

/** Whether the body is packed, so that its text means nothing. */
export function isEncoded({ headers: { 'content-encoding': encoding } }: Pick<HttpAnswer, 'headers'>): boolean {
  return encoding !== undefined && encoding !== 'identity';
}
