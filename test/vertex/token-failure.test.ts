import { expect, test } from 'vitest';
import { describeTokenFailure } from '../../src/vertex/token-failure.ts';

const user = {
  path: '/home/ann/adc.json',
  type: 'authorized_user',
  host: 'oauth2.googleapis.com',
  isLogin: true,
  problem: undefined,
};
const service = { ...user, path: '/etc/key.json', type: 'service_account', isLogin: false };

/** As the library throws it: the request and the answer hang on the error. */
function libraryError(message: string, status: number, data: unknown): Error {
  const config = { url: new URL('https://oauth2.googleapis.com/token') };
  return Object.assign(new Error(message), { status, response: { status, data }, config });
}

test.each([
  {
    name: 'a revoked login',
    error: libraryError('invalid_grant', 400, {
      error: 'invalid_grant',
      error_description: 'Token has been expired or revoked.',
    }),
    file: user,
    says: ['oauth2.googleapis.com', 'Token has been expired or revoked', 'Sign in again: gcloud auth', user.path],
  },
  {
    name: 'a login that must be renewed',
    error: libraryError('{"error":"invalid_grant"}', 400, {
      error: 'invalid_grant',
      error_description: 'reauth related error (invalid_rapt)',
      error_subtype: 'invalid_rapt',
    }),
    file: user,
    says: ['reauth related error', 'Sign in again'],
  },
  {
    name: 'a clock that is wrong',
    error: libraryError('invalid_grant', 400, {
      error: 'invalid_grant',
      error_description:
        'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
    }),
    file: service,
    says: ['Is the clock of this machine right?'],
  },
  {
    name: 'a deleted key',
    error: libraryError('invalid_grant', 400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }),
    file: service,
    says: ['The key was deleted', service.path],
  },
  {
    name: 'an error in an object',
    error: libraryError('Could not refresh access token: [object Object]: undefined', 403, {
      error: { code: 403, message: 'The account is disabled', status: 'PERMISSION_DENIED' },
    }),
    file: service,
    says: ['PERMISSION_DENIED: The account is disabled', 'Check the account in the credential file'],
  },
  {
    name: 'no login at all',
    error: new Error('Could not load the default credentials. Browse to https://cloud.google.com/docs for more'),
    file: { path: '/home/ann/none.json', type: undefined, host: undefined, isLogin: false, problem: undefined },
    says: ['there are no default credentials', 'set GOOGLE_APPLICATION_CREDENTIALS'],
  },
])('$name', ({ error, file, says }) => {
  const { message, kind } = describeTokenFailure(error, file);
  for (const words of says) expect(message).toContain(words);
  expect(message).not.toContain('[object');
  expect(kind).toBe('credentials');
});
