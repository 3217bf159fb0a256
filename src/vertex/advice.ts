import type { ApiAdvice } from '../completion/api-error.ts';
import { isGoogleHost } from '../completion/service.ts';

/** What can be done about an error status, in words that fit the service: what helps with Google leads astray elsewhere. */
export function adviceFor(status: number, url: URL, { isEmulated = false } = {}): ApiAdvice | undefined {
  const isGoogle = isGoogleHost(url);
  switch (status) {
    case 401:
      if (isGoogle) return GOOGLE_LOGIN;
      return TOKEN;
    case 403:
      if (isGoogle || isEmulated) return GOOGLE_PERMISSION;
      return PERMISSION;
    case 404:
      if (isGoogle) return GOOGLE_PLACE;
      return PLACE;
    case 402:
      return CREDIT;
    case 405:
    case 410:
      return PLACE;
    default:
      return status >= 300 && status < 400 ? PLACE : undefined;
  }
}

const TOKEN: ApiAdvice = {
  code: 'token',
  text: 'The service refuses the access token, or wants one and was sent none',
};
const CREDIT: ApiAdvice = {
  text: 'The account at the service has no credit left: add some, then repeat the command',
};
const PERMISSION: ApiAdvice = {
  text: 'The service does not let the caller in: check the token, what it may do there, and any proxy or firewall on the way',
};
const PLACE: ApiAdvice = {
  code: 'place',
  text: 'The model or the path was not found: check the model, and the base URL, which is everything before /chat/completions',
};
const GOOGLE_LOGIN: ApiAdvice = {
  code: 'login',
  text: 'The access token was refused: sign in again (gcloud auth application-default login), or check the service account or the token that was given',
};
const GOOGLE_PERMISSION: ApiAdvice = {
  text: 'The account has no permission: give it the role Vertex AI User (roles/aiplatform.user) in the project, and check that the Vertex AI API and billing are enabled there',
};
const GOOGLE_PLACE: ApiAdvice = {
  code: 'google-place',
  text: 'The model or endpoint was not found: check the model, the location and the endpoint; some models are served in the location global only',
};
