import type { Evidence } from '../evidence/evidence.ts';
import { fieldOfPointer } from '../json/pointer.ts';
import { counted } from '../text/counted.ts';
import { formatCount, formatUsd } from '../text/format.ts';
import { wrapText } from '../text/wrap-text.ts';
import type { RecordPreview } from './preview-records.ts';
import type { SentRecords } from './send-previewed.ts';

/** A request as it goes out, of whatever client. */
interface Wire {
  method: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** What would be sent for a record, for people; byte for byte where the wire is given. */
export function previewText(
  { id, line, problem, request, promptTokens = 0, atMost }: RecordPreview,
  { wire, width }: { wire?: Wire | undefined; width?: number | undefined } = {},
): string {
  const name = `${id === null ? 'no id' : id}, line ${line}`;
  if (request === undefined) return `${name}: nothing would be sent: ${problem ?? ''}`;
  const usd = atMost?.usd ?? undefined;
  const money = usd === undefined ? 'a price that is not known' : formatUsd(usd);
  const cost = `${name}: a prompt of about ${formatCount(promptTokens)} tokens; one call is billed at most ${formatCount(atMost?.tokens ?? 0)} tokens, ${money}`;
  const head = wrapText(cost, { width, indent: 2 });
  if (wire !== undefined) return `${head}\n${wireText(wire)}`;
  const { messages, ...settings } = request;
  return [
    head,
    ...messages.map(
      ({ role, content }) => `--- ${role}\n${typeof content === 'string' ? content : JSON.stringify(content, null, 2)}`,
    ),
    `--- settings\n${JSON.stringify(settings, null, 2)}`,
  ].join('\n');
}

function wireText({ method, url, headers, body }: Wire): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const size = `content-length: ${Buffer.byteLength(body)}`;
  return [`${method} ${url}`, ...lines, size, '', body].join('\n');
}

/** What came of records that were sent, for people. */
export function sentText({ results, rejects, usd }: SentRecords, isEmulated: boolean): string {
  const price = usd === null ? 'at a price that is not known' : `for ${formatUsd(usd)}`;
  const billed = isEmulated ? `${price} at list prices; the emulator answered, and nothing was billed` : price;
  return [
    `--- sent: ${results.length} extracted, ${rejects.length} rejected, ${billed}`,
    ...results.map(({ id, data, evidence }) => `${id}: ${JSON.stringify(data, null, 2)}\n${groundingText(evidence)}`),
    ...rejects.map(({ id, error }) => `${id ?? 'no id'}: rejected, ${error.code}: ${error.message}`),
  ].join('\n');
}

function groundingText(evidence: readonly Evidence[]): string {
  if (evidence.length === 0) return 'no value that could stand in the record';
  const missing = evidence.filter(({ match }) => match === 'none').map(({ path }) => fieldOfPointer(path));
  const found = `${formatCount(evidence.length - missing.length)} of ${counted(evidence.length, 'value stands', 'values stand')} in the record`;
  return missing.length === 0 ? found : `${found}; not ${[...new Set(missing)].join(', ')}`;
}
