import type { ChatMessage } from '../../completion/request.ts';
import type { RecordFields } from '../../records/record.ts';
import { redactEcho } from '../../text/redact-echo.ts';

/** A longer text without a blank at its beginning is media in base64, of which messages never hold much. */
const MOST_WITHOUT_BLANK = 2000;

/**
 * A service's message without what it repeats of the record. The text of an error goes into logs, usage.json and run.json,
 * where records do not belong; rejects.jsonl has it in full.
 */
export function redactRecordText(message: string, messages: readonly ChatMessage[], fields: RecordFields = {}): string {
  const texts: string[] = [];
  for (const { role, ...contents } of messages) if (role !== 'system') collect(contents, texts);
  const values = Object.values(fields).flatMap((value) =>
    typeof value === 'string' || typeof value === 'number' ? [String(value)] : [],
  );
  return redactEcho(message, { texts, values });
}

function collect(value: unknown, texts: string[]): void {
  if (typeof value === 'string') {
    const isMedia = value.length > MOST_WITHOUT_BLANK && !/\s/.test(value.slice(0, MOST_WITHOUT_BLANK));
    texts.push(isMedia ? value.slice(0, MOST_WITHOUT_BLANK) : value);
  } else if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) collect(member, texts);
  }
}
