import { redactSecrets } from './redact-secrets.ts';

export interface PlainTextOptions {
  /** Longest result, in UTF-16 units. Default 500. */
  limit?: number;
  /** Credentials in use; they are cut out wherever they occur, whatever they look like. */
  secrets?: readonly string[] | undefined;
}

/**
 * Text from outside as it may stand in an error message: one line, bounded, no control characters, and nothing that is
 * or looks like a credential. Services echo requests, and libraries quote files.
 */
export function plainText(text: string, { limit = 500, secrets = [] }: PlainTextOptions = {}): string {
  let clean = redactSecrets(text.slice(0, 20 * limit), secrets, REDACTED);
  for (const pattern of CREDENTIAL_PATTERNS) clean = clean.replace(pattern, REDACTED);
  clean = clean.replace(/[\p{C}\s]+/gu, ' ').trim();
  return clean.length <= limit ? clean : `${clean.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/**
 * A name that a service gives, such as a model's, for a ledger with a line for each call: as `plainText`, but short.
 */
export function plainName(name: string, secrets: readonly string[] = []): string {
  // The usual case, a few hundred times a second.
  if (/^[\w/@:.-]{1,48}$/.test(name) && !CREDENTIAL_LIKE.test(name) && !holdsSecret(name, secrets)) return name;
  return plainText(name, { limit: MAX_NAME, secrets });
}

const MAX_NAME = 100;

/** Of a short text without blanks and escapes. */
function holdsSecret(text: string, secrets: readonly string[]): boolean {
  return secrets.some((secret) => secret.length <= text.length && redactSecrets(text, [secret], '') !== text);
}

const REDACTED = '[redacted]';

/** Whether a pattern below might fit a text without blanks of at most 48 characters. */
const CREDENTIAL_LIKE = /ya29|1\/\/|gocspx|aiza|eyj/i;

const CREDENTIAL_PATTERNS: readonly RegExp[] = [
  /-----BEGIN [\s\S]*?(?:-----END[^\n-]*-----|$)/g,
  /\bBearer\s+[^\s"',;]+/gi,
  // Google: access tokens, federated tokens, refresh tokens, client secrets, API keys.
  /\bya29\.[\w.-]+/gi,
  /\b1\/\/[\w-]{10,}/g,
  /\bGOCSPX-[\w-]+/gi,
  /\bAIza[\w-]{20,}/gi,
  // JSON web tokens.
  /\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}/gi,
  // Anything long without a word boundary is no prose.
  /[\w+=-]{64,}/g,
];
