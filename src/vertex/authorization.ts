import { ApiError } from '../completion/api-error.ts';
import { isHeader } from './header.ts';

/** Credentials made ready for sending: worked out once for a token, not once a call. */
export interface Authorization {
  /** The object the credential source gave, which stays the same as long as the token does. */
  readonly credentials: Readonly<Record<string, string>>;
  /** All headers of a call as name, value, name, value: the form that undici takes without another pass. */
  readonly headers: string[];
  /** What must not show up in a message. */
  readonly secrets: readonly string[];
}

/**
 * @throws {ApiError} of kind `credentials` when a header would break the request
 */
export function createAuthorization(
  credentials: Readonly<Record<string, string>>,
  fixedHeaders: readonly string[],
): Authorization {
  const entries = Object.entries(credentials);
  if (!entries.every(([name, value]) => isHeader(name, value))) {
    throw new ApiError('Cannot use the credentials: they hold characters that no header may have', {
      kind: 'credentials',
    });
  }
  const secrets = entries
    // The name of the project that pays is no secret, and errors are about it.
    .filter(([name]) => name.toLowerCase() !== 'x-goog-user-project')
    .map(([, value]) => value.replace(/^Bearer /i, ''))
    .flatMap((value) => [value, Buffer.from(value).toString('base64').replace(/=+$/, '')]);
  return { credentials, headers: [...fixedHeaders, ...entries.flat()], secrets };
}
