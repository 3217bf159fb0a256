import { isUtf8 } from 'node:buffer';

/** A complete HTTP answer, or as much of an error's as arrived; header names in lower case. */
export interface HttpAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
  /** Set where bytes of the body were no UTF-8: `text` has U+FFFD in their place. */
  isBroken?: true;
}

export function decode(bytes: Buffer): Pick<HttpAnswer, 'text' | 'isBroken'> {
  const text = bytes.toString('utf8');
  // Such a character may also be a part of what was sent.
  return text.includes('\ufffd') && !isUtf8(bytes) ? { text, isBroken: true } : { text };
}
