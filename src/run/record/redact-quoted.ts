import type { RecordFields } from '../../records/record.ts';
import { redactEcho } from '../../text/redact-echo.ts';

/**
 * What a function of the definition has thrown, or a service says, without what it repeats of the record. Such messages quote what they
 * stumble over, however short it is: whatever stands in quotation marks and in the record goes as well.
 */
export function redactQuoted(reason: string, fields: RecordFields): string {
  const texts: string[] = [];
  collect(fields, texts);
  // The name of a column is no content of it, and says which one is meant.
  const isShown = (quoted: string): boolean =>
    Object.hasOwn(fields, quoted) || !texts.some((text) => text.includes(quoted));
  // Only the first line of a message is told, so that a quotation may lack its end.
  const unquoted = reason.replace(/(?<!\w)(["'`])(.+?)(?:\1|$)/gs, (whole, mark: string, quoted: string) =>
    isShown(quoted) ? whole : `${mark}[…]${mark}`,
  );
  return redactEcho(unquoted, { texts, values: texts });
}

function collect(value: unknown, texts: string[]): void {
  if (typeof value === 'string' || typeof value === 'number') texts.push(String(value));
  else if (typeof value === 'object' && value !== null)
    for (const member of Object.values(value)) collect(member, texts);
}
