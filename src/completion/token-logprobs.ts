import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';

/** How probable a model held a token, beside the bytes that it stands for. */
export interface TokenLogprob {
  bytes: Uint8Array;
  /** Natural logarithm of its probability, 0 at most. */
  logprob: number;
}

/**
 * Reads the log probabilities of the first choice: of every token that was written, thoughts included where a server counts them in.
 * Undefined where the server gave none, or not for all tokens.
 */
export function readTokenLogprobs({ choices }: JsonObject): TokenLogprob[] | undefined {
  const choice = Array.isArray(choices) ? (choices as readonly JsonValue[])[0] : undefined;
  const logprobs = isJsonObject(choice) ? choice['logprobs'] : undefined;
  const content = isJsonObject(logprobs) ? logprobs['content'] : undefined;
  if (!Array.isArray(content) || content.length === 0) return undefined;
  const tokens: TokenLogprob[] = [];
  for (const entry of content as readonly JsonValue[]) {
    const token = readToken(entry);
    if (token === undefined) return undefined;
    tokens.push(token);
  }
  return tokens;
}

/** A token may be a part of a character, so that its bytes say more than its text; not all servers send them. */
function readToken(entry: JsonValue): TokenLogprob | undefined {
  if (!isJsonObject(entry)) return undefined;
  const { token, bytes, logprob } = entry;
  if (typeof logprob !== 'number' || Number.isNaN(logprob)) return undefined;
  if (isByteList(bytes)) return { bytes: Uint8Array.from(bytes), logprob };
  return typeof token === 'string' ? { bytes: Buffer.from(token), logprob } : undefined;
}

function isByteList(bytes: JsonValue | undefined): bytes is number[] {
  return (
    Array.isArray(bytes) && bytes.every((byte) => Number.isInteger(byte) && Number(byte) >= 0 && Number(byte) < 256)
  );
}
