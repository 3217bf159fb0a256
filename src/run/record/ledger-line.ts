import type { ApiError } from '../../completion/api-error.ts';
import type { ChatRequest } from '../../completion/request.ts';
import type { AnsweredEntry } from '../../store/entries.ts';
import { requestKey } from '../../store/kept-answers.ts';
import type { RecordTask } from '../ports.ts';
import type { Billing, Sent } from './call.ts';

/** The line by which an answer is kept until its record is done. */
export function answeredEntry(
  { id, fingerprint }: RecordTask,
  request: ChatRequest,
  sent: Sent,
): AnsweredEntry | undefined {
  if (!('end' in sent) || sent.end.kind !== 'answered') return undefined;
  const { completion, earlyStop } = sent.end;
  const entry: AnsweredEntry = { id, fingerprint, request: requestKey(request), completion };
  if (earlyStop !== undefined) entry.earlyStop = earlyStop;
  return entry;
}

/** What came before the end of an answer may have cost more than was reported until then. */
export function billingOf({ mayBeBilled, usage, isUsageFinal }: ApiError): Billing {
  if (!mayBeBilled) return 'none';
  return isUsageFinal && usage !== undefined && usage.total > 0 ? 'reported' : 'unknown';
}
